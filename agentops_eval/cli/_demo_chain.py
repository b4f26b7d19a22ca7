"""The chain of ``demo``: two versions of its agents, by the commands of a person, up to the scorecards."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentops_eval.cli._demo_replays import WENT_WRONG
from agentops_eval.cli._output import flush, line, many, plain, prose, say, step
from agentops_eval.domain import Json

if TYPE_CHECKING:
    from agentops_eval.demo.chain import ChainStep

_CLI = (sys.executable, "-m", "agentops_eval.cli")
_DEMO = (sys.executable, "-m", "agentops_eval.demo")
_MADE = (".agentops", "gameday", "gate", "golden_traces", "report", "results", "tests")
_PART, _AGENT = 12, 7
_PATIENCE_S = 10.0
_ALLOWED = ("approved", "modified")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """A command that has run: what it printed, each line as JSON, and whether it ended as it should."""

    step: ChainStep
    code: int
    printed: Sequence[Mapping[str, Any]]
    errors: str
    seconds: float

    @property
    def ok(self) -> bool:
        return self.code == self.step.ends and bool(self.printed)

    @property
    def last(self) -> Mapping[str, Any]:
        return self.printed[-1] if self.printed else {}


def run_chain(out: Path, before: Mapping[str, Json], *, locked: int, as_json: bool) -> Mapping[str, Json]:
    """Run every command in the folder, which has the demo's recordings, and name what matters.

    ``before`` is the document of the first part; what comes back has the chain's as well. A command that
    ends otherwise than it should is the last: those behind it would rest on what it did not make.
    ``locked`` is the folder's lock. Commands hold it too: the next demo waits for one that outlives this.
    """
    from agentops_eval.demo.chain import chain_steps, write_chain

    began = time.monotonic()
    _clear(out)
    write_chain(out, today=datetime.now(UTC).date())
    _keep_golden(out)
    if not as_json:
        prose("Now two versions of the agents, one with flaws, go all the way to a scorecard:", style="bold")
    done: list[_Done] = []
    for number, one in enumerate(steps := chain_steps(), start=1):
        with step(f"{number} of {len(steps)}: {one.part} {one.agent} ...", quiet=as_json):
            done.append(_run(one, out, locked))
        if not as_json:
            _say(done[-1])
        if not done[-1].ok:
            break
    ok = all(one.ok for one in done)
    found = _findings(done) if ok else ()
    if not as_json:
        _conclude(out, found, ok=ok, seconds=time.monotonic() - began)
    return {**before, "ok": bool(before["ok"]) and ok, **_json(out, done, found, ok=ok)}


def _clear(out: Path) -> None:
    """Take away what an earlier chain left: its evidence was of that one."""
    for name in _MADE:
        shutil.rmtree(out / name, ignore_errors=True)
    for path in out.glob("*scorecard.*"):
        path.unlink()


def _keep_golden(out: Path) -> None:
    """Put what was recorded and approved of the desk where a project has it, and scorecards look for it."""
    kept = out / "golden_traces" / "desk"
    kept.mkdir(parents=True)
    for path in out.glob("desk-openai.*.jsonl"):
        shutil.copyfile(path, kept / path.name)


def _run(one: ChainStep, out: Path, locked: int) -> _Done:
    """Run a command as a person would, in a process of its own, by the settings of the folder alone.

    The llm is scripted, so that CI is no matter.
    """
    words = [word for given in one.words for word in _meant(given, out)]
    ours = {name for name in os.environ if name == "CI" or name.startswith("AGENTOPS_")}
    variables = {name: value for name, value in os.environ.items() if name not in ours}
    paths = [str(Path(path).resolve()) for path in variables.get("PYTHONPATH", "").split(os.pathsep) if path]
    named = {"AGENTOPS_AGENT_NAME": one.agent} if one.agent else {}
    began = time.monotonic()
    command = subprocess.Popen(  # noqa: S603 - our own interpreter, our own arguments
        [*(_DEMO if one.asks else ()), *_CLI, *words, "--json"],
        cwd=out,
        env=variables | named | {"PYTHONPATH": os.pathsep.join(paths)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        pass_fds=(locked,),
        process_group=0,  # Ctrl-C is ours to pass on: once, and to all that the command started
    )
    try:
        said, errors = command.communicate()
    except BaseException:
        _stop(command)
        raise
    seconds = time.monotonic() - began
    return _Done(step=one, code=command.returncode, printed=_lines(said), errors=errors, seconds=seconds)


def _stop(command: subprocess.Popen[str]) -> None:
    """Interrupt it and wait: it may have something to undo. Behind that, or at a second Ctrl-C, kill it."""
    try:
        os.killpg(command.pid, signal.SIGINT)
        command.communicate(timeout=_PATIENCE_S)
    except (OSError, subprocess.TimeoutExpired):
        pass
    finally:
        with suppress(OSError):  # nothing is left
            os.killpg(command.pid, signal.SIGKILL)
        command.wait()
        _await_end(command.pid)


def _await_end(group: int) -> None:
    """Wait for what the command had started: a process that was killed goes when the system gets to it."""
    until = time.monotonic() + _PATIENCE_S
    with suppress(OSError):
        while time.monotonic() < until:
            os.killpg(group, 0)
            time.sleep(0.01)


def _meant(word: str, out: Path) -> Iterator[str]:
    """The word, or the files that it stands for."""
    if "*" in word:
        yield from sorted(str(path.relative_to(out)) for path in out.glob(word))
    else:
        yield word


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
    head = f"{one.part:<{_PART}} {one.agent:<{_AGENT}}"
    prose(f"{head} {line(told)} ({done.seconds:.1f} s)", hang=len(head) + 1, style=style)
    if not done.ok:
        say(f"  {one.command}", style="dim")
    for text in _wrong(done):
        prose(f"  {text}", hang=9, style="red")
    flush()


def _wrong(done: _Done) -> Iterator[str]:
    """What a command says went wrong, a line each; of one that did not fail, such as evidence not written."""
    yield from plain(done.errors).split("\n") if done.errors.strip() else ()
    error = done.last.get("error")
    if error and not done.ok:
        yield line(f"{error['code']} {error['what']}")
        yield f"where: {line(error['where'])}"
        yield f"fix:   {line(error['remedy'])}"


def _replay(done: _Done) -> str:
    return "a miss: the recording has no answer for the changed prompt" if done.code else "equals its golden"


def _suite(done: _Done) -> str:
    return f"{sum(one['passed'] is True for one in done.printed)} of {many(len(done.printed), 'case')} passed"


def _lint(done: _Done) -> str:
    return f"{many(len(done.last['runs']), 'run')} of the suite linted, no error"


def _levels(done: _Done) -> str:
    ends, total = done.last["endings"], done.last["total"]
    told = f"{ends['completed']} of {many(done.last['runs'], 'run')} completed"
    known = total["llm_calls"] - total["without_cost"]
    return f"{told}, cost known of {known} of {many(total['llm_calls'], 'llm call')}"


def _audit(done: _Done) -> str:
    answers = [one["approval"]["status"] for one in done.last["records"] if one["approval"]]
    told = f"{many(len(done.last['records']), 'action')}; of {len(answers)} that a person was asked about"
    return f"{told}, {sum(one in _ALLOWED for one in answers)} were approved"


def _gate(done: _Done) -> str:
    (metric,) = done.last["metrics"]
    lost = f"{metric['estimate'] * 100:+.0f} points of the pass rate over {done.last['n']} cases"
    return f"{done.last['value']}: {lost}"


def _exploration(done: _Done) -> str:
    told = "nothing found" if done.code == 0 else many(len(done.printed) - 1, "finding")
    return f"{done.last['coverage']['runs']} runs under faults, {told}"


def _checks(done: _Done) -> str:
    every = done.last["checks"]
    failed = [one for one in every if one["findings"]]
    names = ", ".join(one["name"] for one in failed or every)
    return f"{names} failed: {failed[0]['findings'][0]['text']}" if failed else f"{names} passed"


def _gameday(done: _Done) -> str:
    return "steady" if done.last["steady"] else f"not steady: {line(done.last['reason'])}"


def _runbooks(done: _Done) -> str:
    written = done.last["runbooks"]
    return f"{many(len(written), 'failure mode')} shown, a runbook for each"


def _scorecard(done: _Done) -> str:
    levels = [one["level"] for one in done.last["dimensions"]]
    reached = sum(level > 0 for level in levels)
    told = f"level {done.last['level']}: {reached} of {len(levels)} dimensions above 0"
    if done.last["unsafe"]:
        return f"{told}, {many(len(done.last['unsafe']), 'harm')}"
    weakest = (one for one in done.last["dimensions"] if one["level"] == done.last["level"])
    return f"{told}, waits for {', '.join(name for one in weakest for name in one['blocking'][:1])}"


def _comparison(done: _Done) -> str:
    return f"they differ in {len(done.last['apart'])} criteria"


def _report(done: _Done) -> str:
    return f"{many(done.last['pages'], 'page')}, {many(len(done.last['findings']), 'open finding')}"


_TOLD = {
    "replay": _replay,
    "suite": _suite,
    "lint": _lint,
    "levels": _levels,
    "audit": _audit,
    "gate": _gate,
    "exploration": _exploration,
    "checks": _checks,
    "game day": _gameday,
    "runbooks": _runbooks,
    "scorecard": _scorecard,
    "comparison": _comparison,
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


def _conclude(out: Path, found: Sequence[Mapping[str, Json]], *, ok: bool, seconds: float) -> None:
    from agentops_eval.demo.chain import REPORT, SCORECARD

    say()
    if not ok:
        say(WENT_WRONG, style="red")
        return
    say("The three findings that matter, of the flawed version:", style="bold")
    for number, one in enumerate(found, start=1):
        prose(f"  {number}. {line(one['what'])}", hang=5)
        say(f"     {plain(out / str(one['shown_by']))}", style="dim")
    say()
    say("To go on there:")
    say(f"  cd {shlex.quote(str(out))}")
    say("  agentops-eval scorecard --agent flawed")
    say(f"All of it in {seconds:.0f} s. Everything opens from the report:")
    say(f"scorecard  {plain(out / SCORECARD)}.json")
    say(f"report     {plain(out / REPORT)}", style="bold")


def _json(
    out: Path, done: Sequence[_Done], found: Sequence[Mapping[str, Json]], *, ok: bool
) -> Mapping[str, Json]:
    from agentops_eval.demo.chain import REPORT, SCORECARD

    return {
        "steps": [
            {
                "part": one.step.part,
                "agent": one.step.agent,
                "command": one.step.command,
                "exit_code": one.code,
                "ok": one.ok,
                "seconds": round(one.seconds, 3),
            }
            for one in done
        ],
        "findings": [dict(one) for one in found],
        "scorecard": str(out / f"{SCORECARD}.json") if ok else None,
        "report": str(out / REPORT) if ok else None,
    }
