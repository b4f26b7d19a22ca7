"""``demo``: watch real agents being recorded, replayed twice, compared and diverging."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from importlib.resources import as_file, files
from pathlib import Path

import click

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
from agentops_eval.cli._output import json_option, line, many, plain, print_json, prose, say, say_divergence
from agentops_eval.domain import Json, RunMisuse
from agentops_eval.replay import CASSETTE_SUFFIX
from agentops_eval.traces import GOLDEN_SUFFIX, write_golden

Tell = Callable[..., None]

GOLDENS = "goldens"
CHAIN_OUT = Path("agentops-demo")
_PROJECT = """\
# Written by `agentops-eval demo`. Run the commands that it printed in this folder.
[tool.agentops]
any_host = true  # the recordings were made against a scripted llm on loopback
"""


@click.command(short_help="Record, replay and change agents that come along.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), help="Keep what the demo makes here."
)
@click.option("--chain", is_flag=True, help="Go on to suite, gate, faults, game day, scorecard: two minutes.")
@click.option("--approve", is_flag=True, hidden=True, help="Approve the shipped goldens (for maintainers).")
@json_option
def demo(out: Path | None, chain: bool, approve: bool, as_json: bool) -> int:
    """Record real agents against a scripted llm on loopback, replay them, and change a prompt.

    Needs no account, no key and no network. Exit code 1 if a replay differs from its recording, or a
    run from its golden. With --chain, two versions of the agents go all the way to their scorecards, in
    --out (agentops-demo by default); exit code 1 if anything ends otherwise than it should.
    """
    if chain:
        return _chain(out or CHAIN_OUT, as_json=as_json)
    if out is None:
        with tempfile.TemporaryDirectory(prefix="agentops-demo-") as folder:
            return _demo(Path(folder), None, approve=approve, as_json=as_json)
    _prepare(out, _PROJECT)
    return _demo(out, out, approve=approve, as_json=as_json)


def _chain(out: Path, *, as_json: bool) -> int:
    """Record the desk on both SDKs as the demo does, then go on from its recordings."""
    from agentops_eval.cli._demo_chain import run_chain
    from agentops_eval.demo.chain import project_text

    tell: Tell = _say_nothing if as_json else prose
    _prepare(out, project_text())
    tell("The llm is a scripted one on loopback: no account, no key, no network.", style="dim")
    with as_file(files("agentops_eval.demo") / GOLDENS) as shipped:
        shutil.copytree(shipped, out, dirs_exist_ok=True, ignore=shutil.ignore_patterns("team*"))
    cases = [case for case in demo_cases() if case.name != "team"]
    played = [_play(case, out, approve=False, tell=tell)[0] for case in cases]
    tell()
    code = run_chain(out, as_json=as_json)
    return code if all(one.ok for one in played) else 1


def _prepare(out: Path, text: str) -> None:
    """Make the folder a place in which the printed commands hold."""
    project = out / "pyproject.toml"
    if project.exists() and project.read_text(encoding="utf-8", errors="replace") != text:
        raise RunMisuse(
            "the folder is another project's",
            where=str(project),
            remedy="agentops-eval demo --out agentops-demo",
        )
    out.mkdir(parents=True, exist_ok=True)
    project.write_text(text, encoding="utf-8")


def _demo(folder: Path, kept: Path | None, *, approve: bool, as_json: bool) -> int:
    tell: Tell = _say_nothing if as_json else prose
    tell("The llm is a scripted one on loopback: no account, no key, no network.", style="dim")
    with as_file(files("agentops_eval.demo") / GOLDENS) as shipped:
        shutil.copytree(shipped, folder, dirs_exist_ok=True)
        cases = demo_cases()
        results = [_play(case, folder, approve=approve, tell=tell) for case in cases]
        if approve:
            _ship(cases, folder, Path(shipped))
    played = [one for one, _ in results]
    tell()
    changed = change_the_prompt(cases[0], results[0][1], folder, quiet=as_json)
    ok = all(one.ok for one in played) and bool(changed.miss and changed.golden)
    if as_json:
        print_json(_document(played, changed, kept, ok=ok))
    else:
        _conclude(cases[0], played, changed, kept, ok=ok)
    return 0 if ok else 1


def _say_nothing(text: str = "", *, hang: int = 0, style: str = "") -> None:
    """Stand in for ``say`` where a document is printed."""


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
        f"{many(first.effects, 'row')} written to SQLite"
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
        tell(f"  replay   {run.digest[:16]}  {said}, no socket, {many(effects, 'row')} written")
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


def _conclude(
    case: DemoCase, played: Sequence[Played], changed: Changed, kept: Path | None, *, ok: bool
) -> None:
    say(f"Now {case.name} with one sentence of its prompt changed, from", style="bold")
    say(f'  "{changed.before}"  to  "{changed.after}"')
    say("The recording has no answer for that, and says why:")
    say(plain(changed.miss), style="yellow")
    say("Recorded anew, it is not what was approved:")
    say_divergence(changed.golden, style="yellow")
    say()
    for one in played:
        equal = " = " if one.digests[1] == one.digests[2] else " IS NOT "
        digests = equal.join(digest[:16] for digest in one.digests[1:])
        say(f"{one.case:<15} replayed {digests}, golden {one.golden}", style="green" if one.ok else "red")
        if one.explanation:
            say_divergence(one.explanation, style="red")
    say()
    _say_where(case, changed, kept)
    if not ok:
        say("Something went otherwise than it should: agentops-eval doctor", style="red")


def _say_where(case: DemoCase, changed: Changed, kept: Path | None) -> None:
    if kept is None:
        say("Keep it all to try for yourself:  agentops-eval demo --out agentops-demo")
        return
    import shlex

    recording = f"{case.name}{CASSETTE_SUFFIX}"
    say(f"It is all in {plain(kept)}. To go on there:")
    say(f"  cd {shlex.quote(str(kept))}")
    say(f"  agentops-eval trace show {recording}")
    say("  " + case.command("--cassette", recording))
    say("Meant the change? Approve it:")
    say("  " + changed.approve)


def _document(played: Sequence[Played], changed: Changed, kept: Path | None, *, ok: bool) -> Json:
    return {
        "ok": ok,
        "out": None if kept is None else str(kept),
        "cases": [one.to_json() for one in played],
        "divergence": changed.to_json(),
    }
