"""The whole chain on the demo's agents, flawed and mended, run once: what it says and what it left is so."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from agentops_eval.domain import Standing
from agentops_eval.harness.evidencing import Doubt, Reading, ScoreOrder, score
from agentops_eval.scorecard import shipped_criteria
from tests.cli._kit import documented_keys, printed_keys, process

if TYPE_CHECKING:
    from agentops_eval.domain import CriterionResult, Scorecard
    from tests.cli._kit import Done

pytest.importorskip("openai")
pytest.importorskip("anthropic")

REASONS = {
    "platform.suite-run": 'eval.suite "scenarios/desk"',
    "platform.breaker": 'chaos.check "breaker"',
    "platform.idempotency": 'chaos.check "idempotency"',
    "platform.resume": 'chaos.check "resume"',
    "platform.timeouts": 'chaos.check "timeouts"',
    "platform.singles-explored": 'chaos.explore "depth-1"',
    "security.tenants-apart": 'chaos.check "neighbour"',
    "human-in-the-loop.approval-conformance": 'chaos.check "approval"',
    "developer-experience.replays": 'replay "desk-openai"',
    "organisational-enablement.gameday-held": "gameday",
}
"""What the mended agents meet and the flawed ones fail, with the evidence that says so."""

EXPLORED = {"security.injection-places", "security.secret-kept"}
"""What the exploration of the mended agents has shown; that of the flawed ones found harm."""
SIGNED = {"governance.intended-use", "organisational-enablement.on-call"}
"""What a role signed for the mended agents, and for no other."""

GAMEDAY = {
    ("gameday", "The flawed agents under attack and outage"),
    ("chaos.fault", "tool_injection @read_ticket #1"),
}

INJECTION = "security.injection-tried"

HARMS = {
    "duplicated-effect": {
        ("chaos.explore", "depth-1"),
        ("chaos.check", "idempotency"),
        ("chaos.check", "resume"),
    },
    "invariant-broken": {("chaos.check", "breaker")},
    "injection-obeyed": GAMEDAY,
    "extra-effect": GAMEDAY,
    "claimed-without-effect": GAMEDAY,
    "tenant-leaked": {("chaos.check", "neighbour")},
    "unapproved-effect": {("chaos.check", "approval")},
}
"""What the flawed agents do, and where it was shown."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an empty home in it."""
    folder = tmp_path_factory.mktemp("chain")
    (folder / "home").mkdir()
    return folder


@pytest.fixture(scope="module")
def done(home: Path) -> Done:
    """The demo, run once in an empty home as in CI, where a setting says otherwise than its folder."""
    words = ("demo", "--out", 'größer & "made here"', "--json")
    return process(home, *words, HOME=str(home / "home"), CI="1", AGENTOPS_EVIDENCE="0")


@pytest.fixture(scope="module")
def made(home: Path, done: Done) -> Path:
    """What it left."""
    assert (done.code, done.err) == (0, "")
    return home / done.document["out"]


@pytest.fixture
def copy(made: Path, tmp_path: Path) -> Path:
    """The store of evidence apart, to do to it what nobody should."""
    shutil.copytree(made / ".agentops/evidence", tmp_path / ".agentops/evidence")
    return tmp_path


def card(root: Path, agent: str) -> Scorecard:
    """The scorecard of one version."""
    signed = [path for path in (root / "attestations.yaml",) if path.exists()]
    return score(ScoreOrder(root=root, at=datetime.now(UTC), attestations=signed), [agent])[agent]


def criteria(found: Scorecard) -> dict[str, CriterionResult]:
    """What became of each criterion."""
    return {one.id: one for each in found.dimensions for one in each.criteria}


def met(found: Scorecard) -> set[str]:
    """The criteria that are met."""
    return {name for name, one in criteria(found).items() if one.met}


def resting_on(found: Scorecard, gone: set[str]) -> set[str]:
    """The criteria that cite items which are gone, and are left with fewer subjects than they ask for."""
    asked = {one.id: 1 if one.check is None else one.check.subjects for one in shipped_criteria().criteria}
    cited = {id_: {*one.evidence} for id_, one in criteria(found).items() if one.met}
    return {id_ for id_, digests in cited.items() if len(digests - gone) < asked[id_]}


def test_it_leaves_scorecards_page_and_markdown(made: Path, home: Path, done: Done) -> None:
    """One for each version; the flawed one's page has the other beside it; nothing is left in the home."""
    assert json.loads((made / "scorecard.json").read_text())["agent"] == "flawed"
    assert json.loads((made / "mended.scorecard.json").read_text())["agent"] == "mended"
    page = (made / "scorecard.html").read_text()
    assert "readiness of flawed" in page
    assert ">mended<" in page
    assert (made / "scorecard.md").read_text().startswith("### Not ready for production")
    assert (home / done.document["scorecard"]) == made / "scorecard.json"
    assert list((home / "home").iterdir()) == []


def test_everything_opens_from_the_report(made: Path, home: Path, done: Done) -> None:
    """Its links lead to pages of both versions, the results, the gates, the game days and the findings."""
    index = home / done.document["report"]
    assert index.is_relative_to(made)
    links = re.findall(r'href="([^"#:]+)', index.read_text(encoding="utf-8"))
    assert [link for link in links if not (index.parent / link).is_file()] == []
    opened = {link.split("/")[0] for link in links}
    assert opened >= {"scorecards", "results", "gates", "gamedays", "findings", "evidence.html"}
    told = json.loads((index.parent / "report.json").read_text())
    assert {one["name"] for one in told["agents"] if one["known"]} == {"flawed", "mended"}


def test_its_keys_are_documented(done: Done) -> None:
    """Every key of its document is on the page, and the other way round; all steps ended as they should."""
    known = documented_keys()["demo"]
    assert printed_keys(done.document, known) == known
    assert [one["command"] for one in done.document["steps"] if not one["ok"]] == []


def test_the_three_findings_are_true(made: Path, done: Done) -> None:
    """The test that was written, the game day's report and the gate's evidence say what the findings say."""
    charge, ticket, gate = done.document["findings"]
    assert charge["what"].startswith("duplicated-effect: charge(")
    assert 'assert "duplicated-effect" not in impact.harms' in (made / charge["shown_by"]).read_text()
    day = json.loads((made / ticket["shown_by"]).with_suffix(".json").read_text())
    assert not day["steady"]
    assert any(one["what"] in ticket["what"] for one in day["findings"])
    assert "injection-obeyed" in ticket["what"]
    lines = (made / "results/flawed.jsonl").read_text().splitlines()
    passed = [json.loads(text).get("passed") for text in lines if '"case"' in text]
    lost = round(100 * passed.count(False) / len(passed))
    assert gate["what"] == f"the gate says rollback: -{lost} points of the pass rate over {len(passed)} cases"
    assert "Roll back" in (made / gate["shown_by"]).read_text()
    assert criteria(card(made, "flawed"))["governance.gate-decided"].reason.startswith(
        'gate "desk" failed: rollback; '
    )


def test_they_differ_for_the_right_reasons(made: Path) -> None:
    """What only the mended version meets failed by the evidence of a flaw, or was signed for it by a role."""
    flawed, mended = card(made, "flawed"), card(made, "mended")
    # One injection withstood is enough to meet this one; the harm of the one obeyed holds the level down.
    assert met(mended) - met(flawed) - {INJECTION} == {*REASONS, *SIGNED, *EXPLORED}
    assert {name for name, one in criteria(mended).items() if one.signed} >= SIGNED
    assert met(flawed) <= met(mended)
    for name, why in REASONS.items():
        one = criteria(flawed)[name]
        assert (one.standing, one.reason.startswith(why)) == (Standing.FAILED, True), one
    assert not mended.unsafe
    items = {one.digest: one.evidence for one in Reading(made) if one.evidence is not None}
    shown = {
        cap.reason.split(" ")[0]: {(items[one].kind, items[one].subject) for one in cap.evidence}
        for cap in flawed.unsafe
    }
    assert shown == HARMS
    levels = {one.name: one.level for one in flawed.dimensions}
    raised = {one.name for one in mended.dimensions if one.level > levels[one.name]}
    assert raised - {"security"} == {"platform", "developer-experience", "organisational-enablement"}
    assert [one.level for one in flawed.dimensions if one.name == "security"] <= [1]
    lacking = {one.name: set(one.blocking) for one in mended.dimensions if one.level == 0}
    assert "human-in-the-loop.approvals-declared" in lacking["human-in-the-loop"]


def test_removing_any_proof_lowers_exactly_what_cited_it(copy: Path) -> None:
    """Each file of evidence in turn: the criteria that rest on it are no longer met, and all others are."""
    before, items = card(copy, "mended"), list(Reading(copy))
    proofs = sorted({path for one in criteria(before).values() if one.met for path in one.sources})
    assert len(proofs) >= 12
    for name in proofs:
        path = copy / name
        kept = path.read_bytes()
        path.unlink()
        after = card(copy, "mended")
        gone = {one.digest for one in items if one.evidence is not None and one.evidence.source == name}
        assert met(before) - met(after) == resting_on(before, gone), name
        assert met(after) <= met(before)
        assert any(name in text for text in after.refused)
        path.write_bytes(kept)


def test_removing_a_shard_lowers_only_what_it_showed(copy: Path) -> None:
    """And without any shard, nothing is met."""
    before = card(copy, "mended")
    for path in sorted((copy / ".agentops/evidence").glob("*.jsonl")):
        lines = map(json.loads, path.read_text().splitlines())
        gone = {one["digest"] for one in lines}
        path.unlink()
        after = card(copy, "mended")
        assert met(before) - met(after) == resting_on(before, gone), path.name
        before = after
    assert met(before) == set()


def test_a_forged_item_is_caught(copy: Path) -> None:
    """A failure that is edited into a pass is named, and the level is no higher; harm stands as it did."""
    before = card(copy, "flawed")
    store = copy / ".agentops/evidence"
    forged = [path for path in store.glob("*.jsonl") if b'"flawed"' in path.read_bytes()]
    for path in forged:
        path.write_bytes(path.read_bytes().replace(b'"fail"', b'"pass"'))
    doubts = {
        one.doubt for one in Reading(copy) if one.evidence is not None and one.evidence.agent == "flawed"
    }
    assert Doubt.TAMPERED in doubts
    after = card(copy, "flawed")
    assert met(after) <= met(before)
    assert {one.reason for one in after.unsafe} == {one.reason for one in before.unsafe}
    assert any("is not as it was written" in text for text in after.refused)
