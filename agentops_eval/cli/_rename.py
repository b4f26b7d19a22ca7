"""``cassette rename``: a test was renamed or moved, and its recordings and goldens follow."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

import click

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._output import json_option, line, many, plain, print_json, prose, say
from agentops_eval.cli._place import CASSETTE, GOLDEN
from agentops_eval.cli._reading import reading
from agentops_eval.domain import CassetteMissing, Json
from agentops_eval.harness import (
    CaseFiles,
    RecordMode,
    Renamed,
    Renaming,
    find_stems,
    is_case_of,
    load_settings,
    plan_renaming,
    refuse_overwriting,
    rename_case,
    stem_of,
)

_PATH = click.Path(path_type=Path)
_FOREIGN = (".yaml", ".yml", ".json")


@click.command()
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

    settings = load_settings(Path.cwd(), overrides={"record": RecordMode.NONE.value})
    planned = []
    for stem, target in _pairs(old, new):
        files = CaseFiles.of(stem)
        with reading(files.all[0]):
            planned.append(
                plan_renaming(files, target, golden_dir=Path(settings.golden_dir), case=case, agent=agent)
            )
    if case and len(planned) > 1:
        raise Misused(f"{old} stands for {len(planned)} cases, and --case names one", remedy="name its file")
    refuse_overwriting(planned)
    redactor = Redactor(settings.redaction_rules)
    done = [rename_case(one, redactor=redactor) for one in planned if not one.changes_nothing]
    if as_json:
        print_json({"renamed": [_document(one) for one in done], "unchanged": len(planned) - len(done)})
        return 0
    _say(done, planned)
    return 0


def _pairs(old: Path, new: Path | None) -> Sequence[tuple[Path, Path]]:
    """Each case's stem, and the stem that it will have."""
    if old.suffix.lower() in _FOREIGN:
        raise Misused(
            f"{old} is one of vcrpy's, which names no case",
            remedy=shlex.join(["mv", str(old), str(new or "NEW")]),
        )
    if "@" in old.name:
        words = ["agentops-eval", "cassette", "rename", str(old.with_name(old.name.partition("@")[0]))]
        words += [] if new is None else [str(new.with_name(new.name.partition("@")[0]))]
        raise Misused(f"{old} is a branch, which goes with its recording", remedy=shlex.join(words))
    stems = find_stems(old)
    if not stems:
        raise _nothing_there(old)
    if new is None:
        return [(stem, stem) for stem in stems]
    target = stem_of(new)
    named = stem_of(old)
    if all(is_case_of(stem.name, named.name) and stem.parent == named.parent for stem in stems):
        if new.is_dir():
            target = new / named.name
        return [(stem, target.with_name(target.name + stem.name[len(named.name) :])) for stem in stems]
    return [(stem, new / stem.relative_to(old)) for stem in stems]


def _nothing_there(old: Path) -> CassetteMissing:
    import difflib

    near = difflib.get_close_matches(stem_of(old).name, _names(old), n=1, cutoff=0.4)
    hint = f"did you mean {old.with_name(near[0])}?" if near else "agentops-eval doctor lists what is there"
    return CassetteMissing(
        "there is neither a recording nor a golden of that name", where=str(old), remedy=hint
    )


def _names(old: Path) -> list[str]:
    try:
        names = [path.name for path in old.parent.iterdir()]
    except OSError:
        return []
    return sorted({stem_of(Path(name)).name for name in names if name.endswith((CASSETTE, GOLDEN))})


def _document(one: Renamed) -> Json:
    return {
        "old": str(one.old),
        "new": str(one.new),
        "case": one.case,
        "agent": one.agent,
        "files": [str(path) for path in one.files],
        "blobs": one.blobs,
    }


def _say(done: Sequence[Renamed], planned: Sequence[Renaming]) -> None:
    for one in done:
        say(
            f"{plain(one.old)} is now {plain(one.new)}" if one.old != one.new else plain(one.new),
            style="bold",
        )
        for name, was, now in (("case", one.was_case, one.case), ("agent", one.was_agent, one.agent)):
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
    return "golden" if path.name.endswith(GOLDEN) else "branch" if "@" in path.name else "cassette"
