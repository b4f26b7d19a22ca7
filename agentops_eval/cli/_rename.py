"""``cassette rename``: a test was renamed or moved, and its recordings and goldens follow."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Sequence
from pathlib import Path

import click

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._output import json_option, line, many, plain, print_json, prose, say
from agentops_eval.cli._reading import reading
from agentops_eval.domain import CassetteMissing, Json
from agentops_eval.harness import (
    CaseFiles,
    Renamed,
    Renaming,
    beside,
    find_stems,
    function_of,
    is_case_of,
    plan_renaming,
    refuse_overwriting,
    rename_cases,
    settings_for_reading,
    stem_of,
)
from agentops_eval.replay import CASSETTE_SUFFIX, VCR_SUFFIXES
from agentops_eval.traces import GOLDEN_SUFFIX

_PATH = click.Path(path_type=Path)


@click.command(short_help="Let files follow a test that was renamed or moved.")
@click.argument("old", type=_PATH)
@click.argument("new", type=_PATH, required=False)
@click.option("--case", default="", help="The case's new name; by default it follows from NEW.")
@click.option("--agent", default="", help="The agent's new name; by default it follows the test's.")
@json_option
def rename(old: Path, new: Path | None, case: str, agent: str, as_json: bool) -> int:
    """Let the recording, the golden and the branches of a test that was renamed or moved follow it.

    OLD and NEW are files, or paths without a suffix (a test and all its parameters), or folders (all
    tests below). The names inside are mended, and the golden's ids with them. Nothing is overwritten.
    Without NEW, files that were moved by hand are mended where they are.
    """
    from agentops_eval.traces.redaction import Redactor

    settings = settings_for_reading(Path.cwd())
    pairs = _pairs(old, new, case=case, agent=agent)
    _refuse_one_name_for_many(old, pairs, case=case, agent=agent)
    planned = []
    for stem, target in pairs:
        files = CaseFiles.of(stem)
        if not files.all:  # another process renamed it just now
            raise _nothing_there(stem, target, case=case, agent=agent)
        with reading(files.all[0]):
            planned.append(
                plan_renaming(files, target, golden_dir=Path(settings.golden_dir), case=case, agent=agent)
            )
    refuse_overwriting(planned)
    done = rename_cases(planned, redactor=Redactor(settings.redaction_rules))
    if as_json:
        print_json({"renamed": [_document(one) for one in done], "unchanged": len(planned) - len(done)})
        return 0
    _say(done, planned)
    return 0


def _pairs(old: Path, new: Path | None, *, case: str, agent: str) -> Sequence[tuple[Path, Path]]:
    """Each case's stem, and the stem that it will have; ``case`` and ``agent`` are for messages."""
    if old.suffix.lower() in VCR_SUFFIXES:
        raise Misused(
            f"{old} is one of vcrpy's, which names no case",
            remedy=shlex.join(["mv", str(old), str(new or "NEW")]),
        )
    if "@" in old.name:
        recording, renamed = (path and path.with_name(path.name.partition("@")[0]) for path in (old, new))
        remedy = _command(recording, renamed, case=case, agent=agent)
        raise Misused(f"{old} is a branch, which goes with its recording", remedy=remedy)
    stems = find_stems(old)
    if not stems:
        raise _nothing_there(old, new, case=case, agent=agent)
    if new is None:
        return [(stem, stem) for stem in stems]
    target = stem_of(new)
    named = stem_of(old)
    if all(is_case_of(stem.name, named.name) and stem.parent == named.parent for stem in stems):
        if new.is_dir():
            target = new / named.name
        return [(stem, target.with_name(target.name + stem.name[len(named.name) :])) for stem in stems]
    return [(stem, new / stem.relative_to(old)) for stem in stems]


def _command(old: Path | None, new: Path | None, *, case: str, agent: str) -> str:
    """This command with other paths, to be pasted."""
    words = ["agentops-eval", "cassette", "rename", *(str(path) for path in (old, new) if path is not None)]
    for option, name in (("--case", case), ("--agent", agent)):
        words += [option, name] if name else []
    return shlex.join(words)


def _refuse_one_name_for_many(
    old: Path, pairs: Sequence[tuple[Path, Path]], *, case: str, agent: str
) -> None:
    """Raise Misused where one case's name is given to several, or one agent's to several tests."""
    stem, target = pairs[0]
    tests = {(stem.parent, function_of(stem.name)) for stem, _ in pairs}
    first = beside(stem, CASSETTE_SUFFIX), None if target == stem else target
    if case and len(pairs) > 1:
        what = f"{old} stands for {len(pairs)} cases, and --case names one"
        raise Misused(what, remedy=f"name one file: {_command(*first, case=case, agent=agent)}")
    if agent and len(tests) > 1:  # the parameters of one test have its agent in common
        what = f"{old} stands for {len(tests)} tests, and --agent names the agent of one"
        raise Misused(what, remedy=f"name one file: {_command(*first, case=case, agent=agent)}")


def _nothing_there(old: Path, new: Path | None, *, case: str, agent: str) -> CassetteMissing:
    named = stem_of(old).name
    near = difflib.get_close_matches(named, _names(old), n=1, cutoff=0.4)
    remedy = "agentops-eval doctor"
    if near:
        meant = old.with_name(near[0] + old.name[len(named) :])
        remedy = _command(meant, new, case=case, agent=agent)
    what = "in that folder" if old.is_dir() else "of that name"
    return CassetteMissing(f"there is neither a recording nor a golden {what}", where=str(old), remedy=remedy)


def _names(old: Path) -> list[str]:
    try:
        names = [path.name for path in old.parent.iterdir()]
    except OSError:
        return []
    ours = (name for name in names if name.endswith((CASSETTE_SUFFIX, GOLDEN_SUFFIX)))
    return sorted({stem_of(Path(name)).name for name in ours})


def _document(one: Renamed) -> Json:
    renaming = one.renaming
    return {
        "old": str(renaming.files.stem),
        "new": str(renaming.target),
        "case": renaming.case,
        "agent": renaming.agent,
        "files": [str(path) for path in one.files],
        "blobs": one.blobs,
    }


def _say(done: Sequence[Renamed], planned: Sequence[Renaming]) -> None:
    for one in done:
        names, old, new = one.renaming, plain(one.renaming.files.stem), plain(one.renaming.target)
        say(f"{old} is now {new}" if old != new else new, style="bold")
        for name, was, now in (("case", names.was_case, names.case), ("agent", names.was_agent, names.agent)):
            if was != now:
                prose(f"  {name:<8} {line(now)}, was {line(was) or 'not named'}", hang=11)
        for path in one.files:
            say(f"  {_kind(path):<8} {plain(path)}")
        if one.blobs:
            say(f"  blobs    {many(one.blobs, 'large body')} kept there, too")
    left = len(planned) - len(done)
    if left:
        say(
            f"{many(left, 'case')} named as {'its file' if left == 1 else 'their files'} already: not changed"
        )


def _kind(path: Path) -> str:
    return "golden" if path.name.endswith(GOLDEN_SUFFIX) else "branch" if "@" in path.name else "cassette"
