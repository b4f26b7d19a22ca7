"""``demo --chain``: the whole chain on two versions of the demo's agents, from replay to the scorecard."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentops_eval.cli._output import line, many, plain, print_json, prose, say, step
from agentops_eval.domain import Json

if TYPE_CHECKING:
    from agentops_eval.demo.chain import ChainStep

_CLI = (sys.executable, "-m", "agentops_eval.cli")
_DEMO = (sys.executable, "-m", "agentops_eval.demo")
_MADE = ("results", "gate", "gameday", "tests", "golden_traces")
_PART, _AGENT = 12, 7


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """A command that has run: what it printed, each line as JSON, and whether it ended as it should."""

    step: ChainStep
    code: int
    printed: Sequence[Mapping[str, Any]]
    errors: str

    @property
    def ok(self) -> bool:
        return self.code == self.step.ends and bool(self.printed)

    @property
    def last(self) -> Mapping[str, Any]:
        return self.printed[-1] if self.printed else {}


def run_chain(out: Path, *, as_json: bool) -> int:
    """Run every command in the folder, which has the demo's recordings, and name what matters."""
    from agentops_eval.demo.chain import chain_steps, write_chain

    _clear(out)
    write_chain(out)
    done = []
    for number, one in enumerate(steps := chain_steps(), start=1):
        with step(f"{number} of {len(steps)}: {one.part}, {one.agent} ...", quiet=as_json):
            done.append(_run(one, out))
        if not as_json:
            _say(done[-1])
    ok = all(one.ok for one in done)
    found = _findings(done) if ok else ()
    if as_json:
        print_json(_document(out, done, found, ok=ok))
    else:
        _conclude(out, found, ok=ok)
    return 0 if ok else 1


def _clear(out: Path) -> None:
    """Take away what an earlier chain left: its evidence was of that one."""
    for name in (*_MADE, ".agentops/evidence"):
        shutil.rmtree(out / name, ignore_errors=True)


def _run(one: ChainStep, out: Path) -> _Done:
    """Run a command as a person would, in a process of its own, by the settings of the folder alone.

    The llm is scripted, so that CI is no matter.
    """
    words = [
        found
        for word in one.words
        for found in (
            sorted(str(path.relative_to(out)) for path in out.glob(word)) if "*" in word else [word]
        )
    ]
    ours = {name for name in os.environ if name == "CI" or name.startswith("AGENTOPS_")}
    variables = {name: value for name, value in os.environ.items() if name not in ours}
    paths = [str(Path(path).resolve()) for path in variables.get("PYTHONPATH", "").split(os.pathsep) if path]
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own arguments
        [*(_DEMO if one.asks else ()), *_CLI, *words, "--json"],
        cwd=out,
        env=variables | {"AGENTOPS_AGENT_NAME": one.agent, "PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    return _Done(step=one, code=done.returncode, printed=_lines(done.stdout), errors=done.stderr)


def _lines(text: str) -> list[Mapping[str, Any]]:
    try:
        return [json.loads(one) for one in text.splitlines() if one.strip()]
    except ValueError:
        return []


# -- what each command came to ----------------------------------------------------------------------


def _say(done: _Done) -> None:
    one = done.step
    told = _TOLD[one.part](done) if done.ok else f"ended with {done.code}, not {one.ends}"
    style = "red" if not done.ok else "yellow" if one.ends else ""
    prose(f"{one.part:<{_PART}} {one.agent:<{_AGENT}} {line(told)}", hang=_PART + _AGENT + 2, style=style)
    if not done.ok:
        say(f"  {one.command}", style="dim")
        say(plain(done.errors.strip() or done.last), style="red")


def _replay(done: _Done) -> str:
    return "a miss: the recording has no answer for the changed prompt" if done.code else "equals its golden"


def _suite(done: _Done) -> str:
    return f"{sum(one['passed'] is True for one in done.printed)} of {many(len(done.printed), 'case')} passed"


def _traces(done: _Done) -> str:
    return f"{many(len(done.last['runs']), 'run')} linted, no error"


def _gate(done: _Done) -> str:
    (metric,) = done.last["metrics"]
    lost = f"{metric['estimate'] * 100:+.0f} points of the pass rate over {done.last['n']} cases"
    return f"{done.last['value']}: {lost}"


def _exploration(done: _Done) -> str:
    told = "nothing found" if done.code == 0 else many(len(done.printed) - 1, "finding")
    return f"{done.last['coverage']['runs']} runs under faults, {told}"


def _checks(done: _Done) -> str:
    (one,) = done.last["checks"]
    return f"{one['name']}: {'passed' if one['passed'] else line(one['findings'][0]['text'])}"


def _gameday(done: _Done) -> str:
    return "steady" if done.last["steady"] else f"not steady: {line(done.last['reason'])}"


def _scorecard(done: _Done) -> str:
    levels = [one["level"] for one in done.last["dimensions"]]
    reached = sum(level > 0 for level in levels)
    harm = f", {many(len(done.last['unsafe']), 'harm')}" if done.last["unsafe"] else ""
    return f"level {done.last['level']}: {reached} of {len(levels)} dimensions above 0{harm}"


def _report(done: _Done) -> str:
    return f"they differ in {len(done.last['apart'])} criteria"


_TOLD = {
    "replay": _replay,
    "suite": _suite,
    "traces": _traces,
    "gate": _gate,
    "exploration": _exploration,
    "checks": _checks,
    "game day": _gameday,
    "scorecard": _scorecard,
    "report": _report,
}


# -- the end ----------------------------------------------------------------------------------------


def _findings(done: Sequence[_Done]) -> tuple[dict[str, Json], ...]:
    """The three that matter of the flawed version, each with the file that shows it."""
    flawed = {one.step.part: one for one in done if one.step.agent == "flawed"}
    search, day = flawed["exploration"].printed[0], flawed["game day"].last
    missed = next(one for one in day["findings"] if one["kind"] == "deviated")
    return (
        {
            "what": f"{', '.join(search['harms'])}: {search['reasons'][0]['text']}",
            "shown_by": search["test"],
        },
        {
            "what": f'"{missed["experiment"]}" does not hold: {missed["what"]}',
            "shown_by": "gameday/flawed/report.html",
        },
        {"what": f"the gate says {_gate(flawed['gate'])}", "shown_by": "gate/flawed.html"},
    )


def _conclude(out: Path, found: Sequence[Mapping[str, Json]], *, ok: bool) -> None:
    from agentops_eval.demo.chain import SCORECARD

    say()
    if not ok:
        say("Something went otherwise than it should: agentops-eval doctor", style="red")
        return
    say("The three findings that matter, of the flawed version:", style="bold")
    for number, one in enumerate(found, start=1):
        prose(f"  {number}. {line(one['what'])}", hang=5)
        say(f"     {plain(one['shown_by'])}", style="dim")
    say()
    say("To go on there:")
    say(f"  cd {shlex.quote(str(out))}")
    say("  agentops-eval scorecard --agent flawed")
    say(f"report   {plain(out / SCORECARD)}.html", style="bold")


def _document(
    out: Path, done: Sequence[_Done], found: Sequence[Mapping[str, Json]], *, ok: bool
) -> dict[str, Json]:
    from agentops_eval.demo.chain import SCORECARD

    return {
        "ok": ok,
        "out": str(out),
        "steps": [
            {
                "part": one.step.part,
                "agent": one.step.agent,
                "command": one.step.command,
                "exit_code": one.code,
                "ok": one.ok,
            }
            for one in done
        ],
        "findings": [dict(one) for one in found],
        "report": str(out / f"{SCORECARD}.html"),
    }
