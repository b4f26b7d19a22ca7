"""``ops``: agents in operation by made-up production, as text, as JSON and as evidence."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from agentops_eval.domain import VerdictValue
from tests.cli._kit import documented_keys, printed_keys
from tests.harness.evidencing._kit import item, proof
from tests.harness.evidencing._kit import write as keep
from tests.operations._runs import AT, DAY_S, NOW_S, days, made, write

OBJECTIVES = """\
agent: desk
objectives:
  - {name: success, indicator: task-success, target: 0.95}
  - {name: quick, indicator: latency, below_s: 5, target: 0.99}
  - {name: approvals, indicator: human-wait, below_s: 900, target: 0.9}
  - {name: cost, indicator: cost-per-success, at_most_usd: 0.25}
autonomy:
  tiers: {issue_refund: supervised}
"""
SLO = ("ops", "slo", "prod.jsonl", "--objectives", "objectives.yaml", *AT)
HOSTILE = "\x1b[2Jevil\u202e\n" * 60


@pytest.fixture
def prod(ae) -> Path:
    """A project of ours with ten weeks of runs that went well."""
    (ae.folder / "pyproject.toml").write_text('[tool.agentops]\nagent_name = "desk"\n', encoding="utf-8")
    (ae.folder / "objectives.yaml").write_text(OBJECTIVES, encoding="utf-8")
    write(ae.folder / "prod.jsonl", days(70, a_day=6, wait_s=60.0))
    return ae.folder


def shown(ae, kind: str) -> dict[str, dict]:
    """The evidence of a kind by its subject; all of it counts, or did until its time was over."""
    items = ae("evidence", "list", "--kind", kind, "--json").document["items"]
    assert {one.get("doubt") for one in items} <= {None, "expired"}, items
    return {one["subject"]: one for one in items}


def stated(count: int, *, honest: bool = True) -> list:
    """Runs of an agent that says how sure it is, and is right as often, or half as often."""
    draw, runs = random.Random(3), []
    for number in range(count):
        sure = draw.choice([0.6, 0.8, 0.9, 0.99])
        right = draw.random() < (sure if honest else sure / 2)
        runs.append(made(number, at_s=NOW_S - number, right=right, confidence=sure))
    return runs


def test_objectives_that_are_kept(ae, prod):
    """All pass: exit code 0, and an item of evidence for each, of the moment that was asked for."""
    done = ae(*SLO)
    assert (done.code, "desk: 4 of 4 objectives kept at 2025-07-13T12:00:00Z, 420 runs" in done.out) == (
        0,
        True,
    )
    items = shown(ae, "slo")
    assert {name: one["verdict"] for name, one in items.items()} == dict.fromkeys(
        ("task-success", "latency-run", "human-wait", "cost-per-success"), "pass"
    )
    one = items["task-success"]
    assert (one["agent"], one["at"], one["expires"]) == (
        "desk", "2025-07-13T12:00:00Z", "2025-10-11T12:00:00Z",
    )  # fmt: skip
    assert one["measures"]["events"] == 180
    assert (one["measures"]["window_days"], one["measures"]["target"]) == (30, 0.95)


def test_an_objective_that_is_missed_burns_and_alerts(ae, prod):
    """An outage of the last hours overdraws the budget, pages somebody, and is exit code 1."""
    outage = [made(n, at_s=NOW_S - 60 * n - 1, right=False) for n in range(60)]
    write(prod / "outage.jsonl", outage)
    done = ae(*SLO[:3], "outage.jsonl", *SLO[3:], "--json")
    success = done.document["objectives"][0]
    assert (done.code, success["verdict"], success["events"]) == (1, "fail", 240)
    assert success["budget_left_share"] < 0
    assert [(one["severity"], one["fires"]) for one in success["burns"]] == [
        ("page", True), ("page", True), ("ticket", True),
    ]  # fmt: skip
    assert "page: success burns its budget at 20 times the pace that it allows, over 1h and 5m" in (
        ae(*SLO[:3], "outage.jsonl", *SLO[3:]).out
    )
    assert shown(ae, "slo")["task-success"]["verdict"] == "fail"


def test_what_is_unknown_does_not_pass(ae, prod):
    """Without runs in the window every objective is unknown, and says how many it needs."""
    done = ae(*SLO[:-2], "--json")
    assert (done.code, done.document["kept"]) == (1, 0)
    assert {one["verdict"] for one in done.document["objectives"]} == {"unknown"}
    assert done.document["objectives"][0]["n_needed"] == 20
    assert ae(*SLO[:-1], "2999-01-01").code == 2


def test_only_runs_of_the_files_agent_count(ae, prod):
    """Another agent's failures are not held against it, and none of its own is no pass."""
    write(prod / "other.jsonl", [made(n, at_s=NOW_S - n - 1, agent="other", right=False) for n in range(50)])
    assert ae(*SLO[:3], "other.jsonl", *SLO[3:]).code == 0
    done = ae("ops", "slo", "other.jsonl", *SLO[3:])
    assert (done.code, "--agent left out 50 of 50" in done.out) == (1, True)


def test_reviewers_agreement_is_that_of_the_labels(ae, prod):
    """Two roles labelled the same answers; the last word of each counts."""
    from agentops_eval.evals.judging import Label
    from agentops_eval.harness import LABELS, append_label, load_judge_settings

    for number in range(60):
        for role in ("reviewer", "lead"):
            label = Label(
                id=f"{number}{role}", label=VerdictValue.PASS if number % 2 else VerdictValue.FAIL,
                verdict=VerdictValue.PASS, suite="s", case=str(number), rubric="r@1", answer_digest="d",
                why="", role=role, at="2025-07-12T12:00:00+00:00",
            )  # fmt: skip
            append_label(prod / load_judge_settings(prod).folder / LABELS, label)
    told = "objectives: [{name: reviewers, indicator: reviewer-agreement, target: 0.6}]\n"
    (prod / "objectives.yaml").write_text(told, encoding="utf-8")
    (one,) = ae(*SLO, "--json").document["objectives"]
    assert (one["verdict"], one["events"], one["value"]) == ("pass", 60, 1.0)


def test_incidents_are_sorted_and_unknown_is_said(ae, prod):
    """Class, step, reason and confidence; no agent below a confidence of 0.5; totals; evidence."""
    errors = ["ConnectionError", "ValueError", ""] * 4
    write(prod / "bad.jsonl", [made(n, right=False, error=error) for n, error in enumerate(errors)])
    told = ae("ops", "incidents", "bad.jsonl", "prod.jsonl", "--since", "2025-07-13", "--json").document
    assert (told["failures"], told["kinds"]) == (12, {"infrastructure": 4, "tool-call": 4, "unknown": 4})
    assert [(one["agent"], one["step"], one["rule"]) for one in told["incidents"][:3]] == [
        ("desk", 1, "unreached"), (None, 0, "failed-call"), (None, None, None),
    ]  # fmt: skip
    out = ae("ops", "incidents", "bad.jsonl").out
    assert "tool-call: agent unknown, step 1, confidence 0.32" in out
    assert "an agent is named from a confidence of 0.5 on" in out
    assert shown(ae, "trace.stats")["incidents"]["measures"] == {
        "runs": 12, "failures": 12, "classified_share": pytest.approx(2 / 3),
    }  # fmt: skip


def test_a_budget_that_a_run_crosses(ae, prod):
    """The step that crosses it is to blame."""
    write(prod / "dear.jsonl", [made(1, right=False, cost_usd=3.0)])
    (one,) = ae("ops", "incidents", "dear.jsonl", "--budget-usd", "1", "--json").document["incidents"]
    assert (one["kind"], one["rule"], one["step"]) == ("cost-blowout", "over-budget", 0)


def test_confidence_that_means_what_it_says(ae, prod):
    """Over 1,200 runs chance explains the error, and a threshold was found: both are evidence."""
    write(prod / "stated.jsonl", stated(1_200))
    done = ae("ops", "calibration", "stated.jsonl")
    assert (done.code, "calibration pass: 1200 stated confidences in 1200 runs" in done.out) == (0, True)
    items = shown(ae, "calibration")
    assert {name: one["verdict"] for name, one in items.items()} == {
        "confidence": "pass",
        "issue_refund": "pass",
    }
    assert items["issue_refund"]["measures"]["threshold"] == 0.99
    assert items["confidence"]["measures"]["runs"] == 1_200


def test_confidence_that_means_nothing(ae, prod):
    """Twice as sure as right fails; too few runs are unknown; neither is exit code 0."""
    write(prod / "stated.jsonl", stated(1_200, honest=False))
    done = ae("ops", "calibration", "stated.jsonl", "--json")
    assert (done.code, done.document["verdict"]) == (1, "fail")
    assert done.document["thresholds"][0]["value"] is None
    done = ae("ops", "calibration", "prod.jsonl", "--json")
    assert (done.code, done.document["verdict"], done.document["n_needed"]) == (1, "unknown", 1_000)


def test_a_calibration_is_written_as_a_page(ae, prod):
    """With the figures that are printed; also where nothing is known. What is read is not written over."""
    write(prod / "stated.jsonl", stated(1_000))
    done = ae("ops", "calibration", "stated.jsonl", "--html", "out/page.html", "--json")
    page = (prod / "out/page.html").read_text(encoding="utf-8")
    assert f"{done.document['ece']['value']:.3f}" in page
    assert "calibration of desk" in page
    assert page.count('class="dot ') - 3 == len(done.document["bins"]), "three are in the key"
    ae("ops", "calibration", "prod.jsonl", "--html", "out/page.html")
    assert "Unknown: it takes 1,000 more" in (prod / "out/page.html").read_text(encoding="utf-8")
    refused = ae("ops", "calibration", "stated.jsonl", "--html", "stated.jsonl")
    assert (refused.code, "which is read" in refused.err) == (2, True)


def test_drift_between_periods_and_between_files(ae, prod):
    """Slower by half since a day is found either way, with the day on which it changed."""
    half = NOW_S - 35 * DAY_S
    write(prod / "old.jsonl", days(35, until_s=half, seed=1))
    write(prod / "new.jsonl", days(35, seed=2, took_s=2.4))
    split = ("ops", "drift", "old.jsonl", "new.jsonl", "--since", "2025-06-08T12:00:00Z", "--json")
    apart = ("ops", "drift", "--baseline", "old.jsonl", "--candidate", "new.jsonl", "--json")
    for words in (split, apart):
        done = ae(*words)
        assert {one["measure"]: one["verdict"] for one in done.document["measures"]} == {
            "quality": "pass", "cost_usd": "pass", "latency_s": "fail",
        }  # fmt: skip
        assert (done.code, done.document["before"], done.document["after"]) == (1, 350, 350)
    (point,) = done.document["measures"][2]["points"]
    assert point["day"].startswith("2025-06-0")
    one = shown(ae, "trace.stats")["drift"]
    assert (one["verdict"], one["measures"]) == ("fail", {"runs": 700, "periods": 71, "changes": 1})


@pytest.mark.parametrize(
    "words",
    [
        ["prod.jsonl"],
        ["--baseline", "prod.jsonl"],
        ["prod.jsonl", "--since", "2025-06-01", "--candidate", "x"],
    ],
)
def test_drift_needs_two_periods(ae, prod, words):
    """The error tells both ways."""
    done = ae("ops", "drift", *words)
    assert (done.code, "--baseline PATH --candidate PATH" in done.err) == (2, True)


def test_the_next_quarter(ae, prod):
    """Ten whole weeks of the same cost foretell the same; what drives it is told by team."""
    done = ae("ops", "forecast", "prod.jsonl", "--by", "team", *AT, "--json")
    told = done.document
    assert (done.code, told["verdict"], told["history_weeks"]) == (0, "pass", 10)
    assert told["cost_usd"]["value"] == pytest.approx(13 * 42 * 0.01)
    assert [one["group"] for one in told["drivers"]] == ["red"]
    assert shown(ae, "trace.stats")["forecast"]["measures"]["periods"] == 10
    short = ae("ops", "forecast", "prod.jsonl", "--since", "2025-07-01", *AT)
    assert (short.code, "1 whole weeks of history, of 8 that are needed" in short.out) == (1, True)


def test_tiers_move_down_by_what_was_seen(ae, prod):
    """A class whose actions fail falls; one that no file names begins as manual."""
    words = ("ops", "tiers", "prod.jsonl", "--objectives", "objectives.yaml", "--json")
    (one,) = ae(*words).document["tiers"]
    assert (one["action"], one["start"], one["tier"], one["declared"]) == (
        "issue_refund", "supervised", "supervised", True,
    )  # fmt: skip
    kept = shown(ae, "tier")["issue_refund"]
    assert (kept["verdict"], kept["measures"]["actions"] > 0) == ("pass", True)
    write(prod / "bad.jsonl", [made(n, at_s=NOW_S + n, right=n % 2 == 0) for n in range(200)])
    write(prod / "mail.jsonl", [made(1_000 + n, at_s=NOW_S + n, tool="send_mail") for n in range(40)])
    done = ae(*words[:3], "bad.jsonl", "mail.jsonl", *words[3:])
    refund, mail = done.document["tiers"]
    assert (done.code, refund["tier"], refund["moves"][0]["tier"]) == (1, "manual", "assisted")
    assert (mail["start"], mail["tier"], mail["declared"]) == ("manual", "assisted", False)
    told = shown(ae, "tier")
    assert (told["issue_refund"]["verdict"], told["send_mail"]["verdict"]) == ("fail", "unknown")
    assert told["issue_refund"]["says"].startswith("supervised was given, manual it is: ")
    assert "issue_refund: supervised to assisted" in ae(*words[:3], "bad.jsonl", *words[3:-1]).out


def test_harm_that_evidence_shows_keeps_tiers_down(ae, prod):
    """Forty right actions move a class up, and do not after a duplicated effect."""
    write(prod / "mail.jsonl", [made(1_000 + n, at_s=NOW_S + n, tool="send_mail") for n in range(40)])
    words = ("ops", "tiers", "mail.jsonl", "--objectives", "objectives.yaml", "--json")
    assert ae(*words).document["tiers"][1]["tier"] == "assisted"
    told = {"agent": "desk", "verdict": VerdictValue.FAIL, "harms": ("duplicated-effect",)}
    keep(prod, item(**told, **proof()))
    found = ae(*words).document
    assert (found["unsafe"], found["tiers"][1]["tier"]) == (["duplicated-effect"], "manual")


COMMANDS = {
    "slo": SLO[2:],
    "incidents": ("hostile.jsonl",),
    "calibration": ("stated.jsonl",),
    "drift": ("prod.jsonl", "--since", "2025-06-08"),
    "forecast": ("prod.jsonl", *AT),
    "tiers": ("hostile.jsonl", "prod.jsonl", "--objectives", "objectives.yaml"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_keys_are_those_of_the_page(ae, prod, name):
    """What is printed is documented, and what is documented can be printed."""
    write(prod / "hostile.jsonl", [made(n, right=False, error="ConnectionError") for n in range(3)])
    write(prod / "stated.jsonl", stated(1_000))
    known = documented_keys()[f"ops {name}"]
    printed = printed_keys(ae("ops", name, *COMMANDS[name], "--json").document, known)
    assert printed - known == set()
    missing = {key for key in known - printed if not key.startswith(("problems[]", "measures[].points[]"))}
    assert missing <= {"tiers[].moves[].*", "unsafe[]"}


@pytest.mark.parametrize("name", COMMANDS)
def test_hostile_texts_are_escaped_and_fit_eighty_columns(ae, prod, name, monkeypatch):
    """Whatever agents, tools and teams call themselves."""
    hostile = {"agent": HOSTILE, "tool": HOSTILE, "team": HOSTILE, "error": "ValueError", "right": False}
    runs = [made(n, at_s=NOW_S - n * DAY_S / 2 - 1, confidence=0.5, **hostile) for n in range(120)]
    write(prod / "hostile.jsonl", runs)
    write(prod / "stated.jsonl", runs)
    write(prod / "prod.jsonl", runs)
    (prod / "objectives.yaml").write_text(OBJECTIVES.replace("agent: desk\n", ""), encoding="utf-8")
    monkeypatch.setenv("COLUMNS", "80")
    done = ae("ops", name, *COMMANDS[name])
    assert (done.code in (0, 1), done.err) == (True, "")
    assert not {"\x1b", "\u202e"} & {*done.out}
    assert max(map(len, done.out.splitlines())) <= 80


def test_nothing_to_look_at(ae, prod):
    """An empty folder holds no run; a file that is not there is refused with one that is."""
    (prod / "empty").mkdir()
    done = ae("ops", "incidents", "empty")
    assert (done.code, "no runs in empty" in done.out) == (1, True)
    assert ae("ops", "incidents", "prod.json").code == 2
    assert shown(ae, "trace.stats") == {}


WHOLE = """\
{tiers: {issue_refund: manual, close_account: manual}, escalation: {
  issue_refund: {after_s: 900, to: "role:lead"}, close_account: {after_s: 60, to: "role:lead"}}}
"""
DEGRADATION = "agent: desk\napproval: {issue_refund: refund, close_account: close}\n"


@pytest.mark.parametrize(
    ("autonomy", "told"),
    [
        ("{tiers: {issue_refund: manual}}", {"tiers": ("fail", 0.5), "escalation": ("unknown", 0.0)}),
        (
            WHOLE,
            {"tiers": ("pass", 1.0), "escalation": ("pass", 1.0)},
        ),
    ],
)
def test_the_projects_objectives_are_looked_at(ae, prod, autonomy, told):
    """Scoring sees which indicators have an objective, which actions a tier, which approvals a way on."""
    text = OBJECTIVES[: OBJECTIVES.index("autonomy")] + f"autonomy: {autonomy}\n"
    (prod / "objectives.yaml").write_text(text, encoding="utf-8")
    (prod / "degradation.yaml").write_text(DEGRADATION, encoding="utf-8")
    ae("scorecard")
    found = {
        name: (one["verdict"], one["measures"]["covered_share"])
        for name, one in shown(ae, "project").items()
        if name in ("objectives", "tiers", "escalation")
    }
    assert found == {"objectives": ("pass", pytest.approx(4 / 7)), **told}


def test_objectives_that_cannot_be_read_are_told(ae, prod):
    """A broken file fails, and is an error of the command; another agent's is none of this one's."""
    (prod / "objectives.yaml").write_text(OBJECTIVES.replace("agent: desk", "agent: other"), encoding="utf-8")
    ae("scorecard")
    assert shown(ae, "project")["objectives"]["verdict"] == "unknown"
    (prod / "objectives.yaml").write_text("objectives: []\n", encoding="utf-8")
    ae("scorecard")
    assert shown(ae, "project")["objectives"]["verdict"] == "fail"
    for words in (SLO, (*SLO[:4], "missing.yaml")):
        done = ae(*words)
        assert (done.code, "AE710" in done.err) == (2, True)


def test_criteria_of_operations_are_met_by_the_commands(ae, prod):
    """What was missing of the scorecard is not, once the commands that it names were run."""

    def met() -> set[str]:
        card = ae("scorecard", "--json").document
        return {
            one["id"] for each in card["dimensions"] for one in each["criteria"] if one["standing"] == "met"
        }

    before = met()
    fresh = NOW_S + (int(time.time()) - NOW_S) // DAY_S * DAY_S
    write(prod / "prod.jsonl", days(70, a_day=20, wait_s=60.0, until_s=fresh))
    write(prod / "stated.jsonl", stated(1_200))
    write(prod / "bad.jsonl", [made(n, right=False, error="ConnectionError") for n in range(5)])
    for words in (
        SLO[1:-2],
        ("calibration", "stated.jsonl"),
        ("incidents", "bad.jsonl"),
        ("forecast", "prod.jsonl"),
        ("drift", "prod.jsonl", "--since", time.strftime("%Y-%m-%d", time.gmtime(fresh - 20 * DAY_S))),
    ):
        assert ae("ops", *words).code == 0, words
    assert met() - before >= {
        "observability.success-objective",
        "observability.latency-objective",
        "observability.incidents-classed",
        "observability.drift-watched",
        "observability.confidence-known",
        "finops.cost-objective",
        "finops.forecast",
        "human-in-the-loop.wait-objective",
        "human-in-the-loop.threshold-measured",
        "platform.objective-kept",
    }
