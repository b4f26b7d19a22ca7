"""How a run ended, what its golden says, and how both are told."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import agentops_eval
from agentops_eval.cli._errors import Interrupted, last_frame
from agentops_eval.cli._evidenced import keep
from agentops_eval.cli._output import agents_output, line, plain, print_json, prose, say, say_divergence
from agentops_eval.cli._place import Place
from agentops_eval.cli._reading import reading
from agentops_eval.domain import AgentopsError, GoldenMissing, Json, ReplayMiss
from agentops_eval.harness import HOW_TO_TELL, STOOD_IN, ActiveRun, GoldenFile, ProxiedAgent, RunMode

_OURS = Path(agentops_eval.__file__).parent
_SHOWN_S = 0.0005


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """The exception that an agent ended with: its type, message and the agent's own line."""

    kind: str
    message: str
    place: str

    @classmethod
    def of(cls, error: BaseException) -> Raised:
        """Describe ``error``."""
        if isinstance(error, SystemExit):
            return cls(kind="SystemExit", message=str(error.code), place=last_frame(error, skip=_OURS))
        return cls(kind=type(error).__name__, message=str(error), place=last_frame(error, skip=_OURS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What the agent gave back, or what it raised."""

    result: object = None
    raised: Raised | None = None

    @property
    def outcome(self) -> str:
        """As a cassette keeps it."""
        return "completed" if self.raised is None else f"raised {self.raised.kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of the comparison with the golden: equal, diverged, approved or none.

    ``text`` is the divergence, or the command that approves a first golden.
    """

    word: str
    text: str = ""


def perform(run: ActiveRun, place: Place, *, aside: bool) -> Ended:
    """Run the agent inside ``run``. What the agent raises is a finding, told like any other.

    Raises ReplayMiss and our own errors; an interruption passes, too.
    """
    with agents_output(aside=aside), run:
        try:
            return Ended(result=place.target())
        except (AgentopsError, ReplayMiss, KeyboardInterrupt):
            raise
        except SystemExit as stop:
            if not stop.code:
                return Ended()
            return _raised(run, stop)
        except BaseException as error:  # such as a cancelled task
            return _raised(run, error)


def _raised(run: ActiveRun, error: BaseException) -> Ended:
    ended = Ended(raised=Raised.of(error))
    run.close(outcome=ended.outcome, cause=error)
    return ended


def judge(run: ActiveRun, place: Place, ended: Ended, *, approve: bool) -> Verdict:
    """Compare the run with its golden, or approve it. A run that raised is never approved."""
    command = place.command("replay", *_branch(run), "--approve")
    golden = GoldenFile(place.golden, approve_command=command)
    if approve and ended.raised is None:
        golden.approve(run)
        return Verdict(word="approved")
    if not place.golden.exists():
        if place.golden_given and run.mode is RunMode.REPLAY:
            raise GoldenMissing(
                "there is no golden at that path", where=str(place.golden), remedy=golden.approve_command
            )
        return Verdict(word="none", text="" if ended.raised else golden.approve_command)
    with reading(place.golden, again=golden.approve_command):
        equal = run.trace == golden
    if equal:
        return Verdict(word="equal")
    return Verdict(word="diverged", text=golden.explanation)


def _branch(run: ActiveRun) -> Sequence[str]:
    return ("--branch", run.settings.branch) if run.settings.branch else ()


def finish(run: ActiveRun, place: Place, ended: Ended, verdict: Verdict, *, as_json: bool) -> int:
    """Print how it went, and give the exit code."""
    code = 1 if verdict.word == "diverged" or ended.raised is not None else 0
    if as_json:
        print_json(_document(run, place, ended, verdict))
        return code
    calls = ", ".join(f"{count} {label}" for label, count in run.report.labels.items()) or "no calls"
    say(f"{line(place.agent)} {run.mode.value}: {calls}", style="bold")
    _say_ending(run, place, ended)
    say(f"  digest   {run.digest}")
    _say_report(run)
    if isinstance(place.target, ProxiedAgent):
        for failed in place.target.failed:
            prose(f"  failed   {line(run.redactor.text(failed))}", hang=11, style="yellow")
    _say_verdict(verdict, place)
    return code


def _document(run: ActiveRun, place: Place, ended: Ended, verdict: Verdict) -> Json:
    report = run.report.to_json()
    assert isinstance(report, dict)
    raised = ended.raised
    return {
        "target": run.redactor.text(place.target.spec),
        "agent": place.agent,
        "cassette": str(_written(run)),
        "partial": None if run.partial is None else str(run.partial),
        **report,
        "digest": run.digest,
        "outcome": ended.outcome,
        "recorded_outcome": place.recorded if run.mode is RunMode.REPLAY else ended.outcome,
        "result": None if raised else run.redactor.text(plain(ended.result, limit=100_000)),
        "raised": None
        if raised is None
        else {
            "type": raised.kind,
            "message": run.redactor.text(raised.message),
            "place": raised.place,
        },
        "golden": {"verdict": verdict.word, "path": str(place.golden), "text": verdict.text},
        "proxy": place.target.to_json() if isinstance(place.target, ProxiedAgent) else None,
    }


def _written(run: ActiveRun) -> Path:
    from agentops_eval.replay import branch_path

    return branch_path(run.path, run.settings.branch) if run.mode is RunMode.BRANCH else run.path


def _say_ending(run: ActiveRun, place: Place, ended: Ended) -> None:
    hide = run.redactor.text
    if ended.raised is None:
        if not isinstance(place.target, ProxiedAgent):  # what it printed has been seen
            prose(f"  result   {line(hide(plain(ended.result, limit=100_000)))}", hang=11)
    elif isinstance(place.target, ProxiedAgent):
        say(f"  exit     {line(ended.raised.message)}", style="red")
    else:
        prose(f"  raised   {ended.raised.kind}: {line(hide(ended.raised.message))}", hang=11, style="red")
        if ended.raised.place:
            say(f"           {line(ended.raised.place)}", style="red")
    if run.mode is RunMode.REPLAY and ended.outcome != place.recorded:
        told = f"           the recorded run {plain(place.recorded)}, this one {ended.outcome}"
        prose(told, hang=11, style="yellow")
    written, state = _written(run), ""
    if run.broke_off:
        state = " is as it was before" if written.exists() else " was not written"
    say(f"  cassette {plain(written)}{state}")
    if run.partial is not None:
        say(f"           what was seen is in {plain(run.partial)}")
        say(f"           to make a recording of it: {plain(_recover(run.partial, written))}")


def _say_report(run: ActiveRun) -> None:
    report = run.report
    if report.virtual_s is not None and report.virtual_s >= _SHOWN_S:
        say(f"  time     {report.virtual_s:.3f} s of the run passed virtually")
    if report.stats is not None:
        if report.stats.forked_at is not None:
            say(f"  branch   left the recording at call {report.stats.forked_at}")
        if report.stats.unmatched:
            say(f"  handoff  {report.stats.unmatched} ran with another message than recorded", style="yellow")
        for call in report.stats.stand_ins:
            prose(f"  stand-in {line(call)}: {STOOD_IN}", hang=11)
        for drift in report.stats.drifted:
            prose(f"  drifted  {line(drift)}", hang=11, style="yellow")
    for unused in report.unused:
        prose(f"  unused   {line(unused)}", hang=11, style="yellow")
    for calls in report.alike:
        prose(f"  alike    {line(calls)}", hang=11, style="yellow")
    if report.alike:
        prose(f"           {HOW_TO_TELL}", hang=11, style="yellow")


def _say_verdict(verdict: Verdict, place: Place) -> None:
    if verdict.word == "diverged":
        say("  golden   diverged", style="red")
        say_divergence(verdict.text)
    elif verdict.word == "none":
        say("  golden   none yet" if verdict.text else "  golden   none; a run that raised is not approved")
        if verdict.text:
            say(f"Approve it:  {plain(verdict.text)}")
    else:
        say(f"  golden   {verdict.word}: {plain(place.golden)}", style="green")


def through(run: ActiveRun, place: Place, *, approve: bool, as_json: bool) -> int:
    """Run it, compare it, tell how it went; give the exit code."""
    root = Path.cwd()  # the agent may change it
    try:
        ended = perform(run, place, aside=as_json)
    except ReplayMiss as miss:
        summary = run.report.summary
        if len(run.problems) > 1 and summary:
            miss.difference = f"{miss.difference}\n{len(run.problems)} calls had no answer: {summary}"
        _note(run, place, root)
        raise
    except KeyboardInterrupt:
        raise _interrupted(place) from None
    verdict = judge(run, place, ended, approve=approve)
    _note(run, place, root, verdict)
    return finish(run, place, ended, verdict, as_json=as_json)


def _note(run: ActiveRun, place: Place, root: Path, verdict: Verdict | None = None) -> None:
    """Keep what a replay has shown. A child of an audit varies things, and shows nothing of its own."""
    if run.mode is not RunMode.REPLAY or "AGENTOPS_AUDIT_ORDER" in os.environ:
        return
    from agentops_eval.harness.evidencing import Replayed, golden_name, noted_of_replays

    word = "" if verdict is None else verdict.word
    shown = Replayed(
        agent=place.agent,
        golden=golden_name(place.golden, root),
        report=run.report,
        compared=word in {"equal", "approved", "diverged"},
        diverged="it differs from its golden" if word == "diverged" else "",
        recorded_at=run.recorded_at,
    )
    keep(run.settings, lambda: noted_of_replays([shown], run.settings), root=root)


def _interrupted(place: Place) -> Interrupted:
    from agentops_eval.replay import partials_of

    partials = partials_of(place.cassette)
    if not partials:
        return Interrupted()
    kept = partials[-1]
    return Interrupted(kept=str(kept), remedy=_recover(kept, place.cassette))


def _recover(kept: Path, cassette: Path) -> str:
    """The command that makes a recording of what was seen."""
    words = ["agentops-eval", "cassette", "recover", str(kept)]
    if cassette.exists():  # recovering never overwrites
        words.append(str(cassette.with_name(f"recovered-{cassette.name}")))
    return shlex.join(words)
