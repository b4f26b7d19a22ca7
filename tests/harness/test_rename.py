"""Renaming a case: its files follow, what names it inside is mended, and nothing is overwritten."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentops_eval import recording, replaying, tool
from agentops_eval.domain import AgentopsError, CassetteForeign, CassetteWrite
from agentops_eval.harness import (
    CaseFiles,
    GoldenFile,
    RecordMode,
    Renamed,
    Settings,
    find_stems,
    open_run,
    plan_renaming,
    refuse_overwriting,
    rename_cases,
    rename_hint,
)
from agentops_eval.harness._cases import renamed_agent, renamed_case
from agentops_eval.replay import read_cassette
from agentops_eval.traces import diverge, read_golden, write_golden
from agentops_eval.traces.redaction import Redactor

LARGE = "y" * 70_000
GOLDENS = Path("golden_traces")


@tool
def look(key: str) -> str:
    """Look something up."""
    return LARGE if key == "large" else f"looked up {key}"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The suite test_shop of a project, which is the current folder."""
    monkeypatch.chdir(tmp_path)
    made = GOLDENS / "test_shop"
    made.mkdir(parents=True)
    return made


def record(stem: Path, key: str = "a", *, agent: str = "refund") -> None:
    """Record and approve one case."""
    path = stem.with_name(f"{stem.name}.cassette.jsonl")
    with recording(path, agent=agent, settings=Settings()) as run:
        look(key)
    write_golden(stem.with_name(f"{stem.name}.otlp.jsonl"), run.trace, redactor=Redactor())


def branch(stem: Path, key: str) -> None:
    """Record the branch b of a case."""
    settings = Settings(record=RecordMode.ALL, branch="b")
    with open_run(stem.with_name(f"{stem.name}.cassette.jsonl"), settings, agent="refund"):
        look(key)


def rename(old: Path, new: Path, **names: str) -> Renamed:
    """Rename one case."""
    plan = plan_renaming(CaseFiles.of(old), new, golden_dir=GOLDENS, **names)
    refuse_overwriting([plan])
    (done,) = rename_cases([plan], redactor=Redactor())
    return done


def names_in(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {name: (folder / name).read_bytes() for name in names_in(folder)}


def test_the_golden_says_the_same_under_new_ids(folder: Path) -> None:
    """The renamed golden is byte for byte the one that approving again would write."""
    old, new = folder / "test_refund", folder / "test_repay"
    record(old)
    before = read_golden(folder / "test_refund.otlp.jsonl").trace
    done = rename(old, new)
    assert (done.renaming.case, done.renaming.agent) == ("test_repay", "repay")
    assert names_in(folder) == {"test_repay.cassette.jsonl", "test_repay.otlp.jsonl"}
    with replaying(folder / "test_repay.cassette.jsonl", agent="repay", settings=Settings()) as run:
        look("a")
    golden = folder / "test_repay.otlp.jsonl"
    assert run.trace == GoldenFile(golden)
    renamed = golden.read_bytes()
    assert write_golden(golden, run.trace, redactor=Redactor()).path.read_bytes() == renamed
    after = read_golden(golden).trace
    assert not {span.span_id for span in after} & {span.span_id for span in before}
    assert [span.attributes for span in after][1:] == [span.attributes for span in before][1:]


def test_only_the_first_line_of_a_cassette_changes(folder: Path) -> None:
    """Events keep their very bytes, and keys that this release does not know stay."""
    record(folder / "test_refund")
    path = folder / "test_refund.cassette.jsonl"
    first, *rest = path.read_text().splitlines()
    path.write_text("\n".join([first.replace('"version":1', '"version":1,"planet":"x"'), *rest, ""]))
    rename(folder / "test_refund", folder / "test_repay")
    after = (folder / "test_repay.cassette.jsonl").read_text().splitlines()
    head = json.loads(after[0])["cassette"]
    assert (after[1:], head["case"], head["agent"], head["planet"]) == (rest, "test_repay", "repay", "x")


def test_branches_stay_branches_of_their_recording(folder: Path) -> None:
    """A branch names the recording as it is now, and still replays; one that was stale stays stale."""
    stem = folder / "test_refund"
    record(stem)
    branch(stem, "b")
    stale = folder / "test_refund@old.cassette.jsonl"
    digest = read_cassette(folder / "test_refund@b.cassette.jsonl").header.branch_of
    text = (folder / "test_refund@b.cassette.jsonl").read_text()
    stale.write_text(text.replace(digest, "0" * 64))
    rename(stem, folder / "test_repay")
    with open_run(folder / "test_repay.cassette.jsonl", Settings(branch="b"), agent="repay"):
        assert look("b") == "looked up b"
    assert read_cassette(folder / "test_repay@old.cassette.jsonl").header.branch_of == "0" * 64


def test_blobs_are_there_where_they_are_cited(folder: Path) -> None:
    """A large body goes along, and stays behind as well for as long as another case cites it."""
    record(folder / "test_one", "large")
    record(folder / "test_two", "large")
    elsewhere = GOLDENS / "test_till"
    assert rename(folder / "test_one", elsewhere / "test_one").blobs > 0
    blobs = {name for name in names_in(folder) if name.startswith("blobs/")}
    assert blobs <= names_in(elsewhere)
    read_cassette(elsewhere / "test_one.cassette.jsonl")
    read_golden(elsewhere / "test_one.otlp.jsonl")
    read_cassette(folder / "test_two.cassette.jsonl")
    rename(folder / "test_two", elsewhere / "test_two")
    assert not folder.exists()


@pytest.mark.parametrize("there", ["test_repay.otlp.jsonl", "test_repay@b.cassette.jsonl"])
def test_nothing_is_overwritten(folder: Path, there: str) -> None:
    """One file in the way, and nothing is done."""
    record(folder / "test_refund")
    branch(folder / "test_refund", "b")
    (folder / there).write_text("mine")
    before = contents(folder)
    with pytest.raises(CassetteWrite, match="never overwrites"):
        rename(folder / "test_refund", folder / "test_repay")
    assert contents(folder) == before


def test_two_cases_cannot_become_one(folder: Path) -> None:
    """Plans that would write the same file are refused together."""
    record(folder / "test_one")
    record(folder / "test_two")
    plans = [
        plan_renaming(CaseFiles.of(folder / name), folder / "test_x", golden_dir=GOLDENS)
        for name in ("test_one", "test_two")
    ]
    with pytest.raises(CassetteWrite):
        refuse_overwriting(plans)


def test_what_cannot_be_written_changes_nothing(folder: Path) -> None:
    """Where a file cannot be written, those that were written go again, and the old ones stay."""
    record(folder / "test_refund", "large")
    before = contents(folder)
    target = GOLDENS / "test_till"
    target.mkdir()
    (target / "blobs").write_text("no folder")
    with pytest.raises(CassetteWrite):
        rename(folder / "test_refund", target / "test_refund")
    assert contents(folder) == before
    assert names_in(target) == {"blobs"}


def test_what_cannot_be_read_again_changes_nothing_in_place(folder: Path) -> None:
    """A cassette never says another case than its golden: all is worked out before anything is written."""
    record(folder / "test_refund")
    for path in [*folder.glob("test_refund*")]:
        path.rename(path.with_name(path.name.replace("refund", "repay")))
    stem = folder / "test_repay"
    plan = plan_renaming(CaseFiles.of(stem), stem, golden_dir=GOLDENS)
    (folder / "test_repay.otlp.jsonl").write_text("nonsense\n")
    before = contents(folder)
    with pytest.raises(AgentopsError, match="AE202"):
        rename_cases([plan], redactor=Redactor())
    assert contents(folder) == before


def test_several_cases_are_renamed_together_or_not_at_all(folder: Path) -> None:
    """Where the last of three cannot be written, one mended in place and one moved are as before, too."""
    for name in ("test_mended", "test_moved", "test_stuck"):
        record(folder / name, "large")
    (GOLDENS / "test_stuck").mkdir()
    (GOLDENS / "test_stuck" / "blobs").write_text("no folder")
    before = contents(GOLDENS)
    plans = [
        plan_renaming(CaseFiles.of(folder / old), GOLDENS / new, golden_dir=GOLDENS, case=old[5:])
        for old, new in (
            ("test_mended", "test_shop/test_mended"),
            ("test_moved", "test_till/desk/test_moved"),
            ("test_stuck", "test_stuck/test_stuck"),
        )
    ]
    with pytest.raises(CassetteWrite, match="nothing was renamed") as caught:
        rename_cases(plans, redactor=Redactor())
    assert caught.value.difference == "every file is as it was"
    assert contents(GOLDENS) == before
    assert not (GOLDENS / "test_till").exists()


def test_line_ends_of_other_systems_become_ours(folder: Path) -> None:
    """A cassette that git gave CRLF is renamed like any other."""
    record(folder / "test_refund")
    path = folder / "test_refund.cassette.jsonl"
    lines = path.read_bytes().splitlines()
    path.write_bytes(b"\r\n".join([*lines, b""]))
    rename(folder / "test_refund", folder / "test_repay")
    assert (folder / "test_repay.cassette.jsonl").read_bytes().split(b"\n")[1:] == [*lines[1:], b""]


def test_damaged_files_are_not_moved(folder: Path) -> None:
    """A cassette that cannot be read is told as such before anything happens."""
    record(folder / "test_refund")
    path = folder / "test_refund.cassette.jsonl"
    path.write_text(path.read_text()[:-20])
    with pytest.raises(AgentopsError, match="AE102"):
        rename(folder / "test_refund", folder / "test_repay")


def test_a_golden_of_a_shared_recording_keeps_naming_it(folder: Path) -> None:
    """A test that replays another's recording has a golden only, of that other's case."""
    record(folder / "test_refund")
    shared = folder / "test_refund_again.otlp.jsonl"
    with replaying(folder / "test_refund.cassette.jsonl", agent="refund_again", settings=Settings()) as run:
        look("a")
    write_golden(shared, run.trace, redactor=Redactor())
    done = rename(folder / "test_refund_again", folder / "test_once_more")
    assert (done.renaming.case, done.renaming.agent) == ("test_refund", "once_more")
    golden = read_golden(folder / "test_once_more.otlp.jsonl").trace
    assert diverge(golden, run.trace) is not None  # the root: another agent's name
    assert golden.resource["agentops.case"] == "test_refund"


@pytest.mark.parametrize(
    ("case", "old", "new", "expected"),
    [
        ("test_a", "test_s/test_a", "test_s/test_b", "test_b"),
        ("test_a", "test_s/test_a", "test_t/test_a", "test_a"),
        ("test_a-1-ab", "test_s/test_a-1-ab", "test_s/test_b-1-ab", "test_b-1-ab"),
        ("shop.pay-1-ab", "shop/pay-1-ab", "shop/buy-1-ab", "shop.buy-1-ab"),
        ("shop.pay", "shop/pay", "till/desk/pay", "till.desk.pay"),
        ("till.pay", "shop/pay", "shop/buy", "till.buy"),
        ("of its own", "shop/pay", "shop/buy", "of its own"),
        ("test_a", "test_s/test_b", "test_s/test_b", "test_b"),
        ("shop.pay", "shop/buy", "shop/buy", "shop.buy"),
        ("", "shop/pay", "shop/buy", "buy"),
    ],
)
def test_a_case_is_called_as_its_recorder_calls_it(case: str, old: str, new: str, expected: str) -> None:
    """pytest calls a case by its file, the CLI puts the module before; other names are somebody's choice."""
    assert renamed_case(case, GOLDENS / old, GOLDENS / new, golden_dir=GOLDENS) == expected


@pytest.mark.parametrize(
    ("agent", "old", "new", "expected"),
    [
        ("a", "test_a", "test_b", "b"),
        ("a", "test_a-1-ab", "test_b-1-ab", "b"),
        ("pay", "shop.pay-1-ab", "shop.buy-1-ab", "buy"),
        ("desk", "test_a", "test_b", "desk"),
        ("agent", "test_", "test_b", "b"),
        ("test_pay", "shop.test_pay", "shop.test_buy", "test_buy"),
    ],
)
def test_an_agent_is_called_as_its_function_unless_named(
    agent: str, old: str, new: str, expected: str
) -> None:
    """A name that somebody chose stays."""
    assert renamed_agent(agent, [(old, new)]) == expected


def test_paths_stand_for_cases(folder: Path) -> None:
    """A file is one case, a test's path all its parameters, a folder everything below."""
    for name in ("test_a", "test_a-1-ab", "test_ab", "TestX/test_c"):
        record(folder / name)
    branch(folder / "test_a", "b")

    def stems(named: str) -> list[str]:
        return [stem.relative_to(folder).as_posix() for stem in find_stems(folder / named)]

    assert stems("test_a") == ["test_a", "test_a-1-ab"]
    assert stems("test_a.cassette.jsonl") == stems("test_a.otlp.jsonl") == ["test_a"]
    assert stems(".") == ["TestX/test_c", "test_a", "test_a-1-ab", "test_ab"]
    assert stems("test_b") == stems("test_b.cassette.jsonl") == []


def test_a_hint_names_what_is_gone_only(folder: Path) -> None:
    """A recording is suggested if its module is gone, or no longer speaks of its function."""
    here = Path.cwd()
    goldens = here / GOLDENS

    def hint(name: str, suite: str = "test_shop") -> str:
        return rename_hint(goldens / suite / f"{name}.cassette.jsonl", goldens, here, began=here)

    record(folder / "test_refund")
    record(folder / "test_refund-1-ab")
    (here / "test_shop.py").write_text("def test_refund(): ...\ndef test_repay(): ...\n")
    assert hint("test_repay") == ""
    (here / "test_shop.py").write_text("def test_repay(): ...\n")
    command = "agentops-eval cassette rename golden_traces/test_shop"
    assert hint("test_repay") == f"{command}/test_refund golden_traces/test_shop/test_repay"
    assert hint("test_repay-1-ab") == hint("test_repay")
    assert hint("test_repay-2-cd") == ""
    (here / "test_shop.py").unlink()
    assert hint("test_refund", "test_till") == f"{command} golden_traces/test_till"
    (goldens / "test_till").mkdir()
    assert hint("test_refund", "test_till") == f"{command}/test_refund golden_traces/test_till/test_refund"


def test_outside_of_the_goldens_nothing_is_suggested(folder: Path) -> None:
    """A recording that a mark names by a path of its own is of no module that could be gone."""
    here = Path.cwd()
    (here / "recs").mkdir()
    record(here / "recs" / "test_a")
    missing = here / "recs" / "test_b.cassette.jsonl"
    assert rename_hint(missing, here / GOLDENS, here, began=here) == ""


def test_a_moved_cassette_says_how_to_mend_it(folder: Path) -> None:
    """A cassette of another case names the command that makes it this one's, unless it is a copy."""
    record(folder / "test_refund")
    path = folder / "test_repay.cassette.jsonl"
    (folder / "test_refund.cassette.jsonl").rename(path)
    with pytest.raises(CassetteForeign) as caught:
        replaying(path, case="test_repay", settings=Settings())
    assert caught.value.remedy == f"agentops-eval cassette rename {path} --case test_repay"
    done = rename(folder / "test_repay", folder / "test_repay", case="test_repay")
    assert done.renaming.agent == "repay"
    replaying(path, case="test_repay", settings=Settings())
    (folder / "test_copied.cassette.jsonl").write_bytes(path.read_bytes())
    with pytest.raises(CassetteForeign) as caught:
        replaying(folder / "test_copied.cassette.jsonl", case="test_copied", settings=Settings())
    assert "rename" not in caught.value.remedy
