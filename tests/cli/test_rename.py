"""``cassette rename``: what a test left behind under its old name follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli._kit import Commands

OLD = "golden_traces/cli_shop/look-1042-216da54b"


def _rename_function(ae: Commands, old: str, new: str) -> None:
    source = ae.folder / "cli_shop.py"
    source.write_text(source.read_text().replace(f"def {old}(", f"def {new}("))


def test_the_hint_of_a_missing_recording_mends_it(ae: Commands) -> None:
    """After a callable was renamed, the error names a command after which its replay equals its golden."""
    assert ae("record", "cli_shop:look", 1042, "--approve").code == 0
    _rename_function(ae, "look", "peek")
    for words in (("--twice",), ()):
        missing = ae("replay", "cli_shop:no_look", 1042, *words)
        assert (missing.code, "renamed" in missing.err) == (2, False)
    import sys

    sys.modules.pop("cli_shop", None)
    missing = ae("replay", "cli_shop:peek", 1042)
    assert missing.code == 3
    hint = next(text for text in missing.err.splitlines() if "was the callable renamed or moved? " in text)
    assert "was the callable renamed" in ae("replay", "cli_shop:peek", 1042, "--twice").err
    renamed = ae.paste(hint.partition("moved? ")[2])
    assert renamed.out.splitlines() == [
        f"{OLD} is now {OLD.replace('look', 'peek')}",
        "  case     cli_shop.peek-1042-216da54b, was cli_shop.look-1042-216da54b",
        "  agent    peek, was look",
        f"  cassette {OLD.replace('look', 'peek')}.cassette.jsonl",
        f"  golden   {OLD.replace('look', 'peek')}.otlp.jsonl",
    ]
    done = ae("replay", "cli_shop:peek", 1042)
    assert (done.code, "golden   equal" in done.out) == (0, True)
    assert ae("doctor").code == 0


def test_files_and_folders_follow(ae: Commands) -> None:
    """A file may go into a folder under its name, and a folder with all that is below it."""
    ae("record", "cli_shop:look", 1042, "--approve")
    (ae.folder / "kept").mkdir()
    into = ae("cassette", "rename", "r.cassette.jsonl", "kept")
    assert (into.code, "  golden   kept/r.otlp.jsonl" in into.out) == (0, True)
    moved = ae("cassette", "rename", "golden_traces/cli_shop", "golden_traces/till/desk", "--json").document
    assert [one["case"] for one in moved["renamed"]] == ["till.desk.look-1042-216da54b"]
    assert not (ae.folder / "golden_traces/cli_shop").exists()
    assert (
        ae("cassette", "rename", "golden_traces/till").out
        == "1 case named as its file already: not changed\n"
    )


def test_names_can_be_chosen(ae: Commands) -> None:
    """--case and --agent say what does not follow from the file; several cases cannot have one name."""
    chosen = ae("cassette", "rename", "r", "--case", "c", "--agent", "a", "--json").document
    assert [(one["case"], one["agent"]) for one in chosen["renamed"]] == [("c", "a")]
    assert ae("cassette", "show", "r.cassette.jsonl", "--json").document["case"] == "c"
    assert ae("trace", "diff", "r.otlp.jsonl", "r.cassette.jsonl").code == 0


def test_one_name_is_not_given_to_many(ae: Commands) -> None:
    """--case names one case, --agent the agent of one test; what fits better can be pasted."""
    for what in (1042, 1043):
        ae("record", "cli_shop:look", what, "--approve")
    (ae.folder / "golden_traces/cli_shop/bad.cassette.jsonl").write_text("nonsense\n")
    for folder, option, says in (
        ("golden_traces", "--case", "stands for 3 cases"),
        ("golden_traces", "--agent", "stands for 2 tests"),
    ):
        refused = ae("cassette", "rename", folder, "kept", option, "c")
        assert (refused.code, says in refused.err) == (2, True), refused.err
    (ae.folder / "golden_traces/cli_shop/bad.cassette.jsonl").unlink()
    refused = ae("cassette", "rename", "golden_traces", "kept", "--case", "c")
    assert ae.paste(refused.err.partition("name one file: ")[2].splitlines()[0]).code == 0
    both = ae(
        "cassette", "rename", "golden_traces/cli_shop/look", "golden_traces/cli_shop/look", "--agent", "a"
    )
    assert both.code == 0


def test_what_is_in_the_way_can_be_renamed_first(ae: Commands) -> None:
    """The refusal ends in a command that makes way, after which the same renaming succeeds."""
    words = ("cassette", "rename", "r.cassette.jsonl", "raised")
    refused = ae(*words)
    assert refused.code == 2
    assert ae.paste(refused.err.partition("fix:   ")[2].splitlines()[0]).code == 0
    assert ae(*words).code == 0
    assert (ae.folder / "raised_before.cassette.jsonl").exists()


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ("rr", "s", 3, "fix:   agentops-eval cassette rename r s\n"),
        ("rr.cassette.jsonl", "s", 3, "fix:   agentops-eval cassette rename r.cassette.jsonl s\n"),
        ("nowhere/x", "s", 3, "fix:   agentops-eval doctor\n"),
        ("r.cassette.jsonl", "raised", 2, "never overwrites"),
        ("r@b.cassette.jsonl", "s@b.cassette.jsonl", 2, "agentops-eval cassette rename r s"),
        ("old.yaml", "new.yaml", 2, "mv old.yaml new.yaml"),
        ("bad", "s", 2, "AE102"),
    ],
)
def test_what_cannot_be_renamed_says_what_to_do(
    ae: Commands, old: str, new: str, code: int, says: str
) -> None:
    """Nothing there, something in the way, a branch, another's format, damage: all is as it was."""
    (ae.folder / "bad.cassette.jsonl").write_text("nonsense\n")
    before = sorted(path.name for path in ae.folder.iterdir())
    done = ae("cassette", "rename", old, new)
    assert (done.code, says in done.err) == (code, True), done.err
    assert sorted(path.name for path in ae.folder.iterdir()) == before
