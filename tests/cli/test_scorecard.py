"""``scorecard``: levels by the evidence of the project, and nothing that was not demonstrated."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agentops_eval.domain import VerdictValue
from tests.harness.evidencing._kit import NOW, item, proof, shards, write

FAIL = VerdictValue.FAIL
PROOF = ".agentops/evidence/proofs/proof-{}.json"
AT = ("--at", "2026-11-27T12:00:00Z")


def card(ae, *words):
    """The scorecard as JSON."""
    return ae("scorecard", *AT, *words, "--json").document


def standing(ae, criterion, *words):
    """What became of one criterion."""
    found = [
        one for each in card(ae, *words)["dimensions"] for one in each["criteria"] if one["id"] == criterion
    ]
    return found[0]["standing"]


@pytest.fixture
def shown(ae) -> Path:
    """A project that has shown a few things of one agent, each with a proof of its own."""
    kinds = [
        {"kind": "trace.lint", "subject": "all", "measures": {"runs": 20.0, "score": 1.0, "errors": 0.0}},
        {"kind": "trace.stats", "subject": "levels", "measures": {"runs": 20.0, "cost_known_share": 1.0}},
        {"kind": "replay", "subject": "golden_traces/refund", "measures": {"calls": 3.0}},
        {"kind": "chaos.check", "subject": "idempotency", "measures": {"runs": 3.0, "findings": 0.0}},
    ]
    for number, one in enumerate(kinds):
        write(ae.folder, item(**one, **proof(name=f"proof-{number}.json")))
    return ae.folder


def test_the_keys_that_were_promised(ae, shown):
    """Agent, dimensions with level, score, blocking and caps, gaps, plan and the digest of the evidence."""
    found = card(ae)
    assert found["agent"] == "refund"
    assert {"agent", "dimensions", "gaps", "plan", "evidence_digest", "below", "trend"} <= found.keys()
    assert all(
        {"name", "level", "score", "blocking", "capped_by"} <= one.keys() for one in found["dimensions"]
    )
    assert len(found["dimensions"]) == 8


def test_it_fits_eighty_columns(ae, shown, monkeypatch):
    """Text for people is not wider than a terminal, commands to paste aside, and names what to do."""
    monkeypatch.setenv("COLUMNS", "80")
    done = ae("scorecard", *AT)
    assert done.code == 0
    assert "refund: level 0 of 5, as of 2026-11-27T12:00:00Z" in done.out
    assert "what to do first" in done.out
    told = [text for text in done.out.splitlines() if not text.startswith("     agentops-eval")]
    assert max(map(len, told)) <= 80
    assert len(ae("scorecard", *AT, "--all").out) > len(done.out)


def test_thresholds_are_exit_codes(ae, shown):
    """Below the level of the whole, or of one dimension, is 1; and what is short is said."""
    assert ae("scorecard", *AT, "--fail-under", "0").code == 0
    done = ae("scorecard", *AT, "--fail-under", "security=2")
    assert (done.code, "security is at level 0, and 2 is asked for" in done.out) == (1, True)
    assert ae("scorecard", "--fail-under", "secrity=2").code == 2


def test_removing_a_proof_lowers_what_cited_it(ae, shown):
    """Exactly those criteria; everything else stands as it did."""
    before = {one["id"]: one for each in card(ae)["dimensions"] for one in each["criteria"]}
    cited = {name for name, one in before.items() if PROOF.format(1) in one["sources"]}
    assert cited
    (shown / PROOF.format(1)).unlink()
    after = {one["id"]: one for each in card(ae)["dimensions"] for one in each["criteria"]}
    met = {name for name, one in before.items() if one["standing"] == "met"}
    still = {name for name, one in after.items() if one["standing"] == "met"}
    assert still == met - cited
    assert any(f"{PROOF.format(1)} is missing" in text for text in card(ae)["refused"])


def test_a_forged_pass_is_named_and_counts_for_nothing(ae, shown):
    """An item made up by hand, with right digests, lacks what would prove it."""
    before = card(ae)
    write(shown, item(kind="judge", subject="correctness", source="made-up.json", source_digest="0" * 64))
    after = card(ae)
    assert after["evidence_digest"] == before["evidence_digest"]
    assert any("made-up.json is missing" in text for text in after["refused"])


@pytest.mark.parametrize("how", ["proof removed", "chain broken"])
def test_bad_news_cannot_be_made_to_go_away(ae, shown, how):
    """An unsafe item whose proof is gone, or whose shard was edited, holds the level down all the same."""
    told = proof(name="harm.json")
    write(shown, item(kind="chaos.explore", subject="depth-1", verdict=FAIL, harms=("extra-effect",), **told))
    unsafe = card(ae)["unsafe"]
    assert unsafe
    if how == "proof removed":
        (shown / told["source"]).unlink()
    else:
        path = next(path for path in shards(shown) if b"extra-effect" in path.read_bytes())
        path.write_bytes(path.read_bytes().replace(b"breaker opened", b"breaker failed"))
    assert [one["reason"] for one in card(ae)["unsafe"]] == [one["reason"] for one in unsafe]


def test_what_is_later_than_the_moment_is_not_looked_at(ae, shown):
    """A scorecard of an earlier day knows what was shown by then."""
    past = ae("scorecard", "--at", "2026-11-26T00:00:00Z", "--json").document
    assert (past["items"], past["refused"]) == (0, [])


def test_one_of_several_agents_has_to_be_named(ae, shown):
    """Side by side is one of the ways that the error tells; it writes no file."""
    write(shown, item(agent="other", **proof()))
    done = ae("scorecard", *AT)
    assert (done.code, "evidence of 2 agents: other, refund" in done.err) == (2, True)
    assert card(ae, "--agent", "other")["agent"] == "other"
    misspelt = ae("scorecard", "--agent", "refnud")
    assert (misspelt.code, "did you mean 'refund'?" in misspelt.err) == (2, True)
    assert "refnud" not in ae("evidence", "list").out
    beside = ae("scorecard", *AT, "--compare", "other,refnud")
    assert (beside.code, "did you mean 'refund'?" in beside.err, beside.out) == (2, True, "")
    both = ae("scorecard", *AT, "--compare", "refund,other", "--json").document
    assert both["agents"] == ["refund", "other"]
    assert [one["agent"] for one in both["scorecards"]] == ["refund", "other"]
    assert "they differ in" in ae("scorecard", *AT, "--compare", "refund,other").out
    assert ae("scorecard", "--compare", "refund,other", "--out", "x.json").code == 2


def test_a_name_in_a_command_to_paste_is_one_word(ae, shown):
    """An agent that calls itself a command is none when the remedy is pasted."""
    write(shown, item(agent="a; touch pwned", **proof()))
    assert "--agent 'a; touch pwned'" in " ".join(ae("scorecard", *AT).err.split())


def test_the_projects_name_goes_before(ae, shown):
    """With agent_name in the settings, and evidence of the project's own, nobody has to be named."""
    (shown / "pyproject.toml").write_text('[tool.agentops]\nagent_name = "desk"\nevidence = false\n')
    write(shown, item(agent="desk", **proof()))
    assert card(ae)["agent"] == "desk"


def test_files_and_history(ae, shown):
    """A scorecard that was written is read again as history, and a badge is SVG."""
    assert ae("scorecard", *AT, "--out", "s/a.json", "--badge", "s/badge.svg").code == 0
    assert (shown / "s/badge.svg").read_text(encoding="utf-8").startswith("<svg")
    assert json.loads((shown / "s/a.json").read_text(encoding="utf-8"))["agent"] == "refund"
    write(shown, item(kind="chaos.check", subject="breaker", **proof()))
    later = ("scorecard", "--at", "2026-11-27T13:00:00Z", "--history", "s/a.json")
    trend = ae(*later, "--json").document["trend"]
    assert [one["at"] for one in trend] == ["2026-11-27T12:00:00Z", "2026-11-27T13:00:00Z"]
    assert trend[1]["lost"] == []
    assert "over time" in ae(*later).out
    assert ae("scorecard", "--history", PROOF.format(0)).code == 2


def test_criteria_are_extended_or_replaced(ae, shown):
    """A file adds to the criteria, or is all of them; a dimension without any stays at 0."""
    text = (
        "criteria: [{id: platform.ours, title: t, level: 1, owner: role:desk, rationale: r, command: c,"
        " risk: 1, impact: 1, effort: 1, check: {kind: chaos.check, subject: idempotency}}]\n"
    )
    (shown / "more.yaml").write_text(text)
    (shown / "only.yaml").write_text(f"replace: true\n{text}")
    asked = lambda *words: {  # noqa: E731
        one["name"]: (one["level"], [each["id"] for each in one["criteria"]])
        for one in ae("scorecard", *AT, "--json", *words).document["dimensions"]
    }
    assert asked("--criteria", "more.yaml")["platform"][1][-1] == "platform.ours"
    replaced = asked("--criteria", "only.yaml")
    assert replaced["platform"] == (1, ["platform.ours"])
    assert replaced["security"] == (0, [])
    assert ae("scorecard", *AT, "--criteria", "only.yaml", "--fail-under", "platform=1").code == 0


def test_a_role_signs(ae, shown):
    """An attestation counts from its file, and is shown as one."""
    criterion = "organisational-enablement.on-call"
    assert standing(ae, criterion) == "missing"
    (shown / "signed.yaml").write_text(
        f"attestations:\n  - criterion: {criterion}\n    role: role:on-call\n"
        "    statement: Somebody is on call.\n    signed: 2026-11-01\n    expires: 2027-05-01\n",
        encoding="utf-8",
    )
    assert standing(ae, criterion, "--attestations", "signed.yaml") == "attested"


def test_attestations_that_are_not_there_are_told_as_such(ae, shown):
    """A misspelt file is an error of attestations, with what such a file holds."""
    done = ae("scorecard", *AT, "--attestations", "singed.yaml")
    assert (done.code, "AE702" in done.err, "agentops-eval schema attestations" in done.err) == (
        2,
        True,
        True,
    )


@pytest.mark.parametrize(("option", "code"), [("--criteria", "AE701"), ("--attestations", "AE702")])
def test_a_file_without_end_is_refused(ae, shown, option, code):
    """A device is read as far as a file may be long, and no further."""
    done = ae("scorecard", *AT, option, "/dev/zero")
    assert (done.code, code in done.err) == (2, True)


def test_a_failure_says_why(ae, shown):
    """The reason of a criterion that failed is what the item says, on one line, without what it might do."""
    told = {**proof(name="f.json"), "says": "two refunds\x1b[31m\nof one order"}
    write(shown, item(subject="idempotency", verdict=FAIL, at="2026-11-27T07:00:00Z", **told))
    found = {one["id"]: one for each in card(ae)["dimensions"] for one in each["criteria"]}
    reason = found["platform.idempotency"]["reason"]
    assert reason == 'chaos.check "idempotency" failed: two refunds\\u001b[31m\\nof one order'


def test_nothing_was_shown(ae):
    """Without any evidence every level is 0, and the way on is told."""
    found = ae("scorecard", "--at", NOW.isoformat(), "--json").document
    assert ({one["level"] for one in found["dimensions"]}, found["items"]) == ({0}, 0)
    assert found["plan"]
    said = ae("scorecard").out
    assert "[tool.agentops.agents.NAME]" in said
    assert "MODULE:AGENT stands for your agent" in ae("scorecard", "--all").out


def test_a_project_without_anything_is_told_what_to_write(ae):
    """A look that found nothing names the file it looks for, and that is the reason of the criterion."""
    (ae.folder / "pyproject.toml").write_text("[tool.agentops]\n", encoding="utf-8")
    gaps = {one["criterion"]: one["reason"] for one in ae("scorecard", "--json").document["gaps"]}
    assert "[tool.agentops.agents.NAME] in pyproject.toml" in gaps["governance.inventory"]
    assert "no suites can be read; it takes scenarios/NAME.yaml" in gaps["platform.scenarios"]
    assert "approval: [TOOL] in degradation.yaml" in gaps["human-in-the-loop.approvals-declared"]


def test_the_page_and_the_markdown(ae, shown):
    """Both are of this scorecard; links of the page lead from its folder to the files that prove it."""
    words = ("--html", "s/deep/card.html", "--markdown", "s/card.md", "--fail-under", "security=4")
    done = ae("scorecard", *AT, *words)
    assert (done.code, "written to s/deep/card.html" in done.out) == (1, True)
    page = (shown / "s/deep/card.html").read_text(encoding="utf-8")
    assert "readiness of refund" in page
    assert f'href="../../{PROOF.format(0)}"' in page
    assert "3 is asked for" in (shown / "s/card.md").read_text(encoding="utf-8").splitlines()[0]
    ae("scorecard", *AT, "--html", "card.html")
    assert f'href="./{PROOF.format(0)}"' in (shown / "card.html").read_text(encoding="utf-8")


def test_harm_is_told_once(ae, shown):
    """Below the dimensions, each of which says how much of it holds it down."""
    told = proof(name="harm.json")
    write(shown, item(kind="chaos.explore", subject="depth-1", verdict=FAIL, harms=("extra-effect",), **told))
    done = ae("scorecard", *AT)
    words = " ".join(done.out.split("what to do first")[0].split())
    assert words.count("extra-effect (something was done that should not have been): shown by") == 1
    assert next(text for text in done.out.splitlines() if text.startswith("platform ")).split()[3:5] == [
        "1",
        "unsafe,",
    ]


def test_the_page_of_two(ae, shown):
    """Side by side it is the first agent's, with the others beside it."""
    write(shown, item(agent="other", **proof()))
    done = ae("scorecard", *AT, "--compare", "other,refund", "--html", "both.html")
    assert (done.code, "written to both.html" in done.out) == (0, True)
    page = (shown / "both.html").read_text(encoding="utf-8")
    assert "readiness of other" in page
    assert ">refund<" in page
