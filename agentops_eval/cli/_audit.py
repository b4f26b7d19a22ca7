"""``replay --twice``: the determinism audit of a callable."""

from __future__ import annotations

import sys
from pathlib import Path

from agentops_eval.cli._evidenced import keep
from agentops_eval.cli._output import line, note, print_json, say
from agentops_eval.cli._place import Place
from agentops_eval.harness import Settings, Target, audit_command, report_json, report_lines


def audit(target: Target, place: Place, settings: Settings, as_json: bool) -> int:
    """Run the audit of ``target`` in child processes and print what it depends on."""
    from agentops_eval.harness.evidencing import Varied, golden_name, noted_of_audited

    report = audit_command(
        _command(target, place.cassette, settings),
        intentional=settings.intentional,
        tell=None if as_json or not sys.stderr.isatty() else lambda name: note(f"running {name} ..."),
    )
    code = 0 if report.deterministic else 1
    shown = Varied(
        agent=place.agent,
        golden=golden_name(place.golden, Path.cwd()),
        report=report,
        document=report_json(report),
    )
    keep(settings, lambda: noted_of_audited(shown, settings))
    if as_json:
        print_json(
            {"target": target.spec, "cassette": str(place.cassette), **report_json(report), "exit": code}
        )
        return code
    *lines, conclusion = report_lines(report)
    for text in lines:
        say(line(text, limit=600), style="red" if ": accidental," in text or ": unstable," in text else "")
    say(f"{target.name}: {line(conclusion)}", style="" if code == 0 else "red")
    return code


def _command(target: Target, cassette: Path, settings: Settings) -> list[str]:
    """Replay in a child as this process would, but without the audit."""
    words = [sys.executable, "-m", "agentops_eval.cli", "replay", "--cassette", str(cassette), "--json"]
    words += ["--allow-drift"] if settings.allow_drift else []
    words += ["--real-time"] if settings.real_time else []
    words += ["--pace", str(settings.pace)] if settings.pace else []
    words += ["--branch", settings.branch] if settings.branch else []
    return [*words, "--", target.spec, *target.arguments]
