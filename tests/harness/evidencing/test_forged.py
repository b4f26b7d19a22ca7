"""Evidence that is taken away lowers what cited it; evidence that is forged raises nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agentops_eval.domain import CriterionResult, Evidence, Scorecard
from agentops_eval.harness.evidencing import (
    UNNAMED,
    Doubt,
    Noted,
    Reading,
    ScoreOrder,
    digest_of_file,
    keep_evidence,
    noted_of_project,
    score,
)
from agentops_eval.harness.evidencing._items import SHARD, claim_of, line_of, taken_apart, text_of
from agentops_eval.scorecard import shipped_criteria
from agentops_eval.traces.redaction import Redactor
from tests.harness.evidencing._kit import NOW, item, shards, write
from tests.harness.evidencing._project import whole_project
from tests.harness.evidencing._writers import AGENT, everything

SHOWN_TWICE = {
    "organisational-enablement.gameday-broad",
    "organisational-enablement.gameday-held",
    "platform.singles-explored",
}
"""Two game days and two explorations show them: either may go."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in which every writer has written, each to a shard of its own, all within a minute."""
    root = tmp_path_factory.mktemp("store")
    settings = whole_project(root)
    noted = [one for _, one in everything()]
    noted.append(noted_of_project(root, settings, AGENT))
    for number, one in enumerate(noted):
        keep_evidence(root, Redactor(), one, now=NOW - timedelta(seconds=60 - number))
    return root


def card(root: Path) -> Scorecard:
    """The scorecard as of now."""
    return score(ScoreOrder(root=root, at=NOW), [AGENT], unnamed=True)[AGENT]


def criteria(found: Scorecard) -> dict[str, CriterionResult]:
    """Those that are met, by their id."""
    return {one.id: one for each in found.dimensions for one in each.criteria if one.met}


def removed(path: Path) -> Callable[[], object]:
    """Take a file away; gives what puts it back."""
    data = path.read_bytes()
    path.unlink()
    return lambda: path.write_bytes(data)


def lowered(before: Scorecard, after: Scorecard) -> set[str]:
    """The criteria that are met no more. No dimension is higher than it was."""
    for one, other in zip(before.dimensions, after.dimensions, strict=True):
        assert other.level <= one.level
    assert criteria(after).keys() <= criteria(before).keys()
    return criteria(before).keys() - criteria(after).keys()


def resting_on(before: Scorecard, gone: set[str]) -> set[str]:
    """The criteria that cite items which are gone, and are left with fewer subjects than they ask for."""
    asked = {one.id: 1 if one.check is None else one.check.subjects for one in shipped_criteria().criteria}
    return {id_ for id_, one in criteria(before).items() if len({*one.evidence} - gone) < asked[id_]}


@pytest.mark.parametrize("kind", ["proofs", "shards"])
def test_any_file_that_is_taken_away_lowers_exactly_what_cited_it(whole, kind):
    """Whichever it is: the criteria that rest on it are met no more, and all others are as they were."""
    before = card(whole)
    held: dict[Path, set[str]] = {}
    for one in Reading(whole, now=NOW):
        assert one.evidence is not None
        file = one.evidence.source if kind == "proofs" else one.place.rpartition(":")[0]
        held.setdefault(whole / file, set()).add(one.digest)
    assert len(held) > 20
    touched: set[str] = set()
    for path, gone in held.items():
        back = removed(path)
        try:
            fallen = lowered(before, card(whole))
        finally:
            back()
        assert fallen == resting_on(before, gone), path.name
        touched |= fallen
    assert criteria(before).keys() - touched == SHOWN_TWICE
    assert card(whole) == before


# -- forged --------------------------------------------------------------------------------------------


def made(root: Path) -> Path:
    """A shard of two items with their proof, of two agents."""
    facts = [item(subject="breaker", agent="refund"), item(subject="saga", agent="other")]
    keep_evidence(root, Redactor(), Noted(facts=facts, proof={"told": "so"}), now=NOW)
    (path,) = shards(root)
    return path


def rewritten(path: Path, edit: Callable[[list[dict[str, object]]], list[dict[str, object]]]) -> None:
    """Edit the items of a shard and compute every digest anew, as a forger with this source code would."""
    head, *lines = path.read_bytes().splitlines(keepends=True)
    texts = [parts[0] for line in lines if (parts := taken_apart(line))]
    begin = taken_apart(head, SHARD)
    assert begin
    first, after = line_of(begin[0], after="", opening=SHARD)
    out = [first]
    for told in edit([json.loads(text) for text in texts]):
        line, after = line_of(json.dumps(told, sort_keys=True).encode(), after=after)
        out.append(line)
    path.write_bytes(b"".join(out))


FORGED = {
    "a figure": lambda items: [{**items[0], "measures": {"runs": 500}}, items[1]],
    "a subject": lambda items: [{**items[0], "subject": "shedding"}, items[1]],
    "another agent's": lambda items: [items[0], {**items[1], "agent": "refund"}],
    "a later day": lambda items: [{**items[0], "at": "2026-11-27T11:59:59Z"}, items[1]],
    "a later expiry": lambda items: [{**items[0], "expires": "2036-01-01T00:00:00Z"}, items[1]],
    "one more": lambda items: [*items, {**items[0], "subject": "timeouts"}],
}


@pytest.mark.parametrize("edit", FORGED.values(), ids=FORGED)
def test_an_item_that_its_proof_does_not_tell_of_is_caught(tmp_path, edit):
    """Right digests do not help: a proof names what it proves. Whatever was not touched still counts."""
    path = made(tmp_path)
    honest = told(tmp_path)
    rewritten(path, edit)
    assert {*told(tmp_path)} <= {*honest}
    (caught,) = [one for one in Reading(tmp_path, now=NOW) if not one.counts]
    assert caught.doubt is Doubt.SOURCE
    assert caught.reason.endswith("does not tell of it: it was copied, changed or made up")


@pytest.mark.parametrize("text", ["all went well", '{"told": "so"}', '{"claims": ["0"]}', '{"claims": 1}'])
def test_a_file_of_the_project_proves_nothing_that_it_does_not_tell_of(tmp_path, text):
    """That a file is there, with the right digest, is no proof of whatever cites it, be it a page or JSON."""
    (tmp_path / "README.md").write_text(text, encoding="utf-8")
    write(tmp_path, item(source="README.md", source_digest=digest_of_file(tmp_path / "README.md")))
    (only,) = Reading(tmp_path, now=NOW)
    assert (only.doubt, only.reason) == (
        Doubt.SOURCE,
        "README.md does not tell of it: it was copied, changed or made up",
    )


@pytest.mark.parametrize("source", ["a.json", 'a "b\\".json', 'x,"source":"y","source_digest":"z"', "ü\n"])
def test_a_claim_is_of_all_but_the_file_that_proves_it(source):
    """Whatever that file is called: with it and without it an item claims the same, and no other does."""
    cited = replace(item(), source=source, source_digest="0" * 64)
    alone, with_it, other = (
        claim_of(text_of(one, Redactor())) for one in (item(), cited, replace(cited, trace="ab"))
    )
    assert alone == with_it != other


def told(root: Path) -> list[str]:
    """What counts, in the order in which it stands there."""
    return [repr(one.evidence) for one in Reading(root, now=NOW) if one.counts]


def test_a_changed_order_alone_changes_nothing(tmp_path):
    """With digests computed anew the same items count: an order tells nothing, for each has its moment."""
    path = made(tmp_path)
    before = told(tmp_path)
    rewritten(path, lambda items: items[::-1])
    assert told(tmp_path) == before[::-1]


@pytest.mark.parametrize(
    ("more", "doubt"),
    [
        ({"at": "2026-11-27T12:06:00Z"}, Doubt.FUTURE),
        ({"expires": "2026-11-27T12:00:00Z"}, Doubt.EXPIRED),
    ],
)
def test_moments_do_not_help(tmp_path, more, doubt):
    """What is yet to come, and what is over, shows nothing, whoever wrote it."""
    fact: Evidence = replace(item(), **more)
    keep_evidence(tmp_path, Redactor(), Noted(facts=[fact], proof={}), now=NOW)
    assert [one.doubt for one in Reading(tmp_path, now=NOW)] == [doubt]


def unsafe(root: Path, *, agents: tuple[str, ...] = (AGENT,), **more: object) -> Scorecard:
    """The scorecard of a store that has a pass, and a harm of the same kind and subject."""
    shown = [item(agent=one) for one in agents]
    keep_evidence(root, Redactor(), Noted(facts=shown, proof={}), now=datetime.now(UTC))
    harm = replace(item(agent=AGENT, harms=("secret-leaked",)), **{"at": "", "expires": "", **more})
    keep_evidence(root, Redactor(), Noted(facts=[harm], proof={}), now=datetime.now(UTC))
    return score(ScoreOrder(root=root), agents, unnamed=len(agents) == 1)[AGENT]


@pytest.mark.parametrize("ahead", [timedelta(minutes=2), timedelta(days=20_000)], ids=["a little", "far"])
def test_a_clock_that_was_ahead_hides_no_harm(tmp_path, ahead):
    """What speaks against the agent counts from now on, though it is of what is yet to come."""
    card = unsafe(tmp_path, at=(datetime.now(UTC) + ahead).strftime("%Y-%m-%dT%H:%M:%SZ"))
    assert ["secret-leaked" in cap.reason for cap in card.unsafe] == [True]


@pytest.mark.parametrize("agents", [(AGENT,), (AGENT, "another")], ids=["one agent", "two agents"])
def test_harm_in_which_nobody_is_named_holds_every_agent_down(tmp_path, agents):
    """Evidence of another agent takes nobody's harm away."""
    assert unsafe(tmp_path, agents=agents, agent=UNNAMED).unsafe


def test_harm_of_a_kind_that_only_a_later_release_knows_counts(tmp_path):
    """It is named as one of no known kind, and holds down all the same."""
    unsafe(tmp_path)
    for path in shards(tmp_path):
        rewritten(path, lambda items: [{**one, "kind": "chaos.later"} for one in items])
    card = score(ScoreOrder(root=tmp_path), [AGENT], unnamed=True)[AGENT]
    assert [one for one in card.refused if "there is no kind" in one]
    assert [cap.reason for cap in card.unsafe if "chaos.later" in cap.reason]


def test_a_forger_who_writes_everything_anew_is_not_caught(tmp_path):
    """What the store cannot show is told in the documentation: it holds no key. A manifest shows it."""
    keep_evidence(
        tmp_path, Redactor(), Noted(facts=[item(subject="made up")], proof={"told": "lies"}), now=NOW
    )
    assert [one.counts for one in Reading(tmp_path, now=NOW)] == [True]
    page = Path(__file__).parents[3] / "docs/reference/evidence-store.md"
    assert "made up a shard and its proofs" in page.read_text(encoding="utf-8")
