"""What a gate answers to requests, good and bad."""

from __future__ import annotations

import json
from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Decision, DecisionValue, Reason, SamplesInvalid
from agentops_eval.harness.gating._answers import (
    Answer,
    Asked,
    Hook,
    Page,
    answer_to,
    asked_for,
    unreadable,
    value_for,
)

STAGES = ("canary-5", "canary-50")
HOLD, PROMOTE, ROLLBACK = DecisionValue.HOLD, DecisionValue.PROMOTE, DecisionValue.ROLLBACK
BODY = b'{"name": "refunds", "namespace": "shop", "phase": "Progressing"}'


def decided(value: DecisionValue, stage: str = "canary-5") -> Decision:
    return Decision(value=value, stage=stage, reasons=(Reason(code="x", message="why"),))


def posted(hook: str, value: DecisionValue, body: bytes = BODY) -> int:
    asked = asked_for("POST", f"/flagger/{hook}", body, STAGES)
    assert isinstance(asked, Asked)
    return answer_to(asked, decided(value), STAGES).status


@pytest.mark.parametrize(
    ("hook", "opened"),
    [
        (Hook.CONFIRM_ROLLOUT, {PROMOTE}),
        (Hook.PRE_ROLLOUT, {PROMOTE, HOLD}),
        (Hook.ROLLOUT, {PROMOTE, HOLD}),
        (Hook.CONFIRM_TRAFFIC_INCREASE, {PROMOTE}),
        (Hook.CONFIRM_PROMOTION, {PROMOTE}),
        (Hook.POST_ROLLOUT, set(DecisionValue)),
        (Hook.ROLLBACK, {ROLLBACK}),
        (Hook.EVENT, set(DecisionValue)),
    ],
    ids=lambda one: str(one) if isinstance(one, Hook) else " ".join(sorted(one)),
)
def test_each_hook_opens_to_its_decisions(hook: Hook, opened: set[DecisionValue]) -> None:
    """200 lets Flagger go on, and roll back where the hook is a rollback; anything else is 403."""
    assert {value for value in DecisionValue if posted(hook, value) == HTTPStatus.OK} == opened
    assert {posted(hook, value) for value in DecisionValue} <= {HTTPStatus.OK, HTTPStatus.FORBIDDEN}


def test_a_hook_is_named_by_the_path_or_by_metadata_and_else_confirms() -> None:
    """The path comes first; a request that names none is asked whether to promote."""
    told = json.dumps({"name": "x", "metadata": {"hook": "rollback", "stage": "canary-50"}}).encode()
    assert asked_for("POST", "/flagger", told, STAGES) == Asked(
        page=Page.FLAGGER, stage="canary-50", hook=Hook.ROLLBACK
    )
    assert asked_for("POST", "/flagger/event?stage=canary-5", told, STAGES) == Asked(
        page=Page.FLAGGER, stage="canary-5", hook=Hook.EVENT
    )
    assert asked_for("POST", "/flagger", BODY, STAGES) == Asked(
        page=Page.FLAGGER, hook=Hook.CONFIRM_PROMOTION
    )


@pytest.mark.parametrize(
    ("method", "target", "body", "status", "said"),
    [
        ("GET", "/decisions", b"", 404, "did you mean '/decision'?"),
        ("GET", "//[", b"", 400, "no address of a page"),
        ("GET", "/../../etc/passwd", b"", 404, "no such page"),
        ("POST", "/decision", b"", 405, "/decision answers to GET"),
        ("GET", "/flagger/rollout", b"", 405, "/flagger answers to POST"),
        ("GET", "/argo/decision?stage=canary-05", b"", 400, "did you mean 'canary-5'?"),
        ("POST", "/flagger/rolout", BODY, 404, "did you mean 'rollout'?"),
        ("POST", "/flagger", b"not json", 400, "no JSON object"),
        ("POST", "/flagger", b"[1]", 400, "no JSON object"),
        ("POST", "/flagger", b"[" * 60_000, 400, "no JSON object"),
        ("POST", "/flagger", b'{"metadata": [1]}', 400, "metadata is no object"),
    ],
)
def test_what_cannot_be_answered_says_what_can(
    method: str, target: str, body: bytes, status: int, said: str
) -> None:
    """A refusal tells what was wrong, and reads as a hold to whoever looks at the value alone."""
    answer = asked_for(method, target, body, STAGES)
    assert isinstance(answer, Answer)
    assert answer.status == status
    document = json.loads(answer.body)
    assert document["value"] == "hold"
    assert said in document["error"]["what"]


@given(
    method=st.sampled_from(["GET", "POST"]),
    target=st.one_of(st.text(max_size=40), st.text(max_size=20).map(lambda text: f"/flagger/{text}")),
    body=st.one_of(st.binary(max_size=60), st.text(max_size=20).map(lambda text: json.dumps(text).encode())),
)
def test_no_request_breaks_the_answer(method: str, target: str, body: bytes) -> None:
    """Whatever is asked gets a status and a JSON document."""
    found = asked_for(method, target, body, STAGES)
    answer = found if isinstance(found, Answer) else answer_to(found, decided(HOLD), STAGES)
    assert json.loads(answer.body)["value"] == "hold"


@pytest.mark.parametrize(
    ("value", "there", "here", "expected"),
    [
        (PROMOTE, "canary-5", "", PROMOTE),
        (PROMOTE, "canary-5", "canary-5", PROMOTE),
        (PROMOTE, "canary-5", "canary-50", HOLD),
        (PROMOTE, "canary-50", "canary-5", PROMOTE),
        (ROLLBACK, "canary-5", "canary-50", ROLLBACK),
        (HOLD, "canary-50", "canary-5", HOLD),
    ],
)
def test_a_stage_is_not_left_for_evidence_of_an_earlier_one(
    value: DecisionValue, there: str, here: str, expected: DecisionValue
) -> None:
    """Traffic that was just turned up has to show itself; harm counts wherever it was seen."""
    assert value_for(decided(value, there), here, STAGES) is expected


def test_argo_gets_a_value_a_score_and_the_reasons() -> None:
    """Both conditions that a template may use tell the same."""
    asked = Asked(page=Page.ARGO, stage="canary-50")
    document = json.loads(answer_to(asked, decided(PROMOTE), STAGES).body)
    assert (document["value"], document["score"]) == ("hold", 0)
    assert document["reasons"] == ["stage canary-50 has no evidence yet; the last that has is canary-5"]
    scores = {
        value: json.loads(answer_to(Asked(page=Page.ARGO), decided(value), STAGES).body)["score"]
        for value in DecisionValue
    }
    assert scores == {PROMOTE: 1, HOLD: 0, ROLLBACK: -1}


def test_evidence_that_cannot_be_read_is_503_with_the_error() -> None:
    """A provider counts an error then, not a decision."""
    answer = unreadable(SamplesInvalid("no row", where="c.jsonl:3", remedy="mend it"))
    assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert json.loads(answer.body) == {
        "value": "hold",
        "error": {
            "code": "AE507",
            "what": "no row",
            "where": "c.jsonl:3",
            "difference": "",
            "remedy": "mend it",
        },
    }
