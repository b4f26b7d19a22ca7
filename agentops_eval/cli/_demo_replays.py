"""The first part of ``demo``: real agents being recorded, replayed twice, compared and diverging."""

from __future__ import annotations

import shlex
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path

from agentops_eval.cli._demo_cases import (
    Changed,
    DemoCase,
    Played,
    Recorded,
    change_the_prompt,
    count_calls,
    demo_cases,
    golden_of,
    record_case,
    replay_case,
)
from agentops_eval.cli._output import flush, line, many, plain, prose, say, say_divergence
from agentops_eval.domain import Json
from agentops_eval.replay import CASSETTE_SUFFIX
from agentops_eval.traces import GOLDEN_SUFFIX, write_golden

Tell = Callable[..., None]

GOLDENS = "goldens"
WENT_WRONG = "Something went otherwise than it should: agentops-eval doctor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replays:
    """What became of every case, and of the first one under a changed prompt."""

    case: DemoCase
    played: Sequence[Played]
    changed: Changed

    @property
    def ok(self) -> bool:
        """Whether all went as it should: the change has to be noticed."""
        return all(one.ok for one in self.played) and bool(self.changed.miss and self.changed.golden)


def run_replays(folder: Path, *, approve: bool, quiet: bool) -> Replays:
    """Record every agent in the folder, replay it twice, compare it; then change a prompt. Tells of it."""
    tell: Tell = _say_nothing if quiet else prose
    tell("The llm is a scripted one on loopback: no account, no key, no network.", style="dim")
    with as_file(files("agentops_eval.demo") / GOLDENS) as shipped:
        _copy(Path(shipped), folder)
        cases = demo_cases()
        results = []
        for case in cases:
            results.append(_play(case, folder, approve=approve, tell=tell))
            flush()
        if approve:
            _ship(cases, folder, Path(shipped))
    tell()
    changed = change_the_prompt(cases[0], results[0][1], folder, quiet=quiet)
    replays = Replays(case=cases[0], played=[one for one, _ in results], changed=changed)
    if not quiet:
        _conclude(replays)
    return replays


def _say_nothing(text: str = "", *, hang: int = 0, style: str = "") -> None:
    """Stand in for ``prose`` where a document is printed."""


def _copy(shipped: Path, folder: Path) -> None:
    for path in (path for path in shipped.rglob("*") if path.is_file()):
        copy = folder / path.relative_to(shipped)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)


def _ship(cases: Sequence[DemoCase], folder: Path, shipped: Path) -> None:
    for case in cases:
        name = f"{case.name}{GOLDEN_SUFFIX}"
        shutil.copyfile(folder / name, shipped / name)
    if (folder / "blobs").is_dir():
        shutil.copytree(folder / "blobs", shipped / "blobs", dirs_exist_ok=True)


def _play(case: DemoCase, folder: Path, *, approve: bool, tell: Tell) -> tuple[Played, Recorded]:
    quiet = tell is _say_nothing
    tell()
    tell(f"{case.name}: {plain(case.text)}", style="bold")
    first = record_case(case, folder, quiet=quiet)
    calls = count_calls(first.run)
    tell(
        f"  record   {many(calls, 'call')}, {first.requests} of them to the llm; "
        f"{many(first.effects, 'row')} written to SQLite",
        hang=11,
    )
    tell(f"           {line(first.answer, limit=200)}", hang=11)
    tell("  kill     the llm's server is gone")
    digests, again, same = [first.run.digest], 0, True
    for _ in range(2):
        run, answer, effects = replay_case(case, first.url, folder, quiet=quiet)
        digests.append(run.digest)
        again += effects
        same = same and answer == first.answer
        said = "same answer" if answer == first.answer else "ANOTHER ANSWER"
        tell(f"  replay   {run.digest[:16]}  {said}, no socket, {many(effects, 'row')} written", hang=11)
    golden = golden_of(case, folder)
    if approve:  # of the demo's own, also where CI is set
        write_golden(golden.path, first.run.trace, redactor=first.run.redactor)
    equal = first.run.trace == golden
    word = "approved" if approve else "equal" if equal else "diverged"
    tell(f"  golden   {word}: {golden.shown_path}", style="green" if equal else "red")
    played = Played(
        case=case.name,
        answer=first.answer,
        calls=calls,
        requests=first.requests,
        digests=(digests[0], digests[1], digests[2]),
        golden=word,
        explanation=golden.explanation,
        effects=first.effects,
        effects_replayed=again,
        same_answers=same,
    )
    return played, first


def _conclude(replays: Replays) -> None:
    changed = replays.changed
    prose(f"Now {replays.case.name} with one sentence of its prompt changed, from", style="bold")
    prose(f'  "{changed.before}"  to  "{changed.after}"', hang=2)
    say("The recording has no answer for that, and says why:")
    say_divergence(changed.miss, style="yellow")
    say("Recorded anew, it is not what was approved:")
    say_divergence(changed.golden, style="yellow")
    say()
    for one in replays.played:
        equal = " = " if one.digests[1] == one.digests[2] else " IS NOT "
        digests = equal.join(digest[:16] for digest in one.digests[1:])
        ended = f"{one.case:<15} replayed {digests}, golden {one.golden}"
        prose(ended, hang=16, style="green" if one.ok else "red")
        if one.explanation:
            say_divergence(one.explanation, style="red")
    say()
    if not replays.ok:
        say(WENT_WRONG, style="red")


def say_where(replays: Replays, out: Path) -> None:
    """Name the folder, and commands to go on with in it."""
    case = replays.case
    recording = f"{case.name}{CASSETTE_SUFFIX}"
    say(f"It is all in {plain(out)}. To go on there:")
    say(f"  cd {shlex.quote(str(out))}")
    say(f"  agentops-eval trace show {recording}")
    say("  " + case.command("--cassette", recording))
    say("Meant the change? Approve it:")
    say("  " + replays.changed.approve)


def replays_json(replays: Replays, out: Path) -> Mapping[str, Json]:
    """The documented keys of the first part; those of the chain are empty."""
    return {
        "ok": replays.ok,
        "out": str(out),
        "cases": [one.to_json() for one in replays.played],
        "divergence": replays.changed.to_json(),
        "steps": [],
        "findings": [],
        "scorecard": None,
        "report": None,
    }
