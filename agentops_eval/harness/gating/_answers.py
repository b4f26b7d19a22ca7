"""What a gate answers to those who ask over HTTP: scripts, Argo Rollouts and Flagger. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from agentops_eval.domain import AgentopsError, Decision, DecisionValue, Json, nearest
from agentops_eval.harness.gating._steps import NextStep

_SCORES = {DecisionValue.PROMOTE: 1, DecisionValue.HOLD: 0, DecisionValue.ROLLBACK: -1}


class Hook(StrEnum):
    """Flagger's types of webhooks."""

    CONFIRM_ROLLOUT = "confirm-rollout"
    PRE_ROLLOUT = "pre-rollout"
    ROLLOUT = "rollout"
    CONFIRM_TRAFFIC_INCREASE = "confirm-traffic-increase"
    CONFIRM_PROMOTION = "confirm-promotion"
    POST_ROLLOUT = "post-rollout"
    ROLLBACK = "rollback"
    EVENT = "event"


_OPEN = {
    Hook.CONFIRM_ROLLOUT: {DecisionValue.PROMOTE},
    Hook.PRE_ROLLOUT: {DecisionValue.PROMOTE, DecisionValue.HOLD},
    Hook.ROLLOUT: {DecisionValue.PROMOTE, DecisionValue.HOLD},
    # What it opens to else than a promotion, and when it does not, is in _steps.
    Hook.CONFIRM_TRAFFIC_INCREASE: {DecisionValue.PROMOTE},
    Hook.CONFIRM_PROMOTION: {DecisionValue.PROMOTE},
    Hook.POST_ROLLOUT: set(DecisionValue),
    Hook.ROLLBACK: {DecisionValue.ROLLBACK},
    Hook.EVENT: set(DecisionValue),
}
"""Which decisions a hook answers 200 to. Flagger goes on then; to a rollback hook it rolls back."""


class Page(StrEnum):
    """What can be asked for."""

    DECISION = "/decision"
    HEALTH = "/healthz"
    ARGO = "/argo/decision"
    FLAGGER = "/flagger"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that can be answered: about one stage, or about where the rollout stands."""

    page: Page
    stage: str = ""
    hook: Hook = Hook.CONFIRM_PROMOTION


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A status with a JSON document."""

    status: HTTPStatus
    document: Mapping[str, Json]

    @property
    def body(self) -> bytes:
        """The document as it is sent."""
        return json.dumps(self.document, ensure_ascii=True, allow_nan=False).encode("ascii") + b"\n"


def asked_for(method: str, target: str, body: bytes, stages: Sequence[str]) -> Asked | Answer:
    """What a request wants, or why that cannot be. No part of it is ever taken for a file."""
    try:
        url = urlsplit(target)
    except ValueError:
        return refused(HTTPStatus.BAD_REQUEST, "this is no address of a page")
    path = url.path.rstrip("/") or "/"
    page = next((one for one in Page if path == one or (one is Page.FLAGGER and _below(path, one))), None)
    if page is None:
        return refused(HTTPStatus.NOT_FOUND, f"there is no such page; {nearest(path, map(str, Page))}")
    wanted = "POST" if page is Page.FLAGGER else "GET"
    if method != wanted:
        return refused(HTTPStatus.METHOD_NOT_ALLOWED, f"{page} answers to {wanted}")
    stage = parse_qs(url.query).get("stage", [""])[-1]
    hook = Hook.CONFIRM_PROMOTION
    if page is Page.FLAGGER:
        found = _flagger(path, body, stage)
        if isinstance(found, Answer):
            return found
        hook, stage = found
    if stage and stage not in stages:
        return refused(HTTPStatus.BAD_REQUEST, f"the gate has no such stage; {nearest(stage, stages)}")
    return Asked(page=page, stage=stage, hook=hook)


def _below(path: str, page: Page) -> bool:
    return path.startswith(f"{page}/")


def _flagger(path: str, body: bytes, stage: str) -> tuple[Hook, str] | Answer:
    """The hook, by the path or by ``metadata.hook``, and the stage, by the query or by ``metadata.stage``."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        return refused(HTTPStatus.BAD_REQUEST, "the body is no JSON object as Flagger sends it")
    metadata = told.get("metadata") or {}
    if not isinstance(metadata, dict):
        return refused(HTTPStatus.BAD_REQUEST, "metadata is no object")
    name = path.removeprefix(Page.FLAGGER).strip("/") or str(metadata.get("hook") or Hook.CONFIRM_PROMOTION)
    if name not in set(Hook):
        return refused(HTTPStatus.NOT_FOUND, f"there is no such hook; {nearest(name, map(str, Hook))}")
    return Hook(name), stage or str(metadata.get("stage") or "")


def refused(status: HTTPStatus, what: str) -> Answer:
    """A request that cannot be answered. Whoever reads ``value`` all the same finds a hold."""
    return Answer(status=status, document={"value": "hold", "error": {"what": what}})


def unreadable(error: AgentopsError | OSError) -> Answer:
    """What is answered while the evidence cannot be read: to a provider it is an error, and no decision."""
    told: dict[str, Json] = {"code": "system", "what": str(error)}
    if isinstance(error, AgentopsError):
        told = {
            "code": error.code,
            "what": error.what,
            "where": error.where,
            "difference": error.difference,
            "remedy": error.remedy,
        }
    return Answer(status=HTTPStatus.SERVICE_UNAVAILABLE, document={"value": "hold", "error": told})


def value_for(decision: Decision, stage: str, stages: Sequence[str]) -> DecisionValue:
    """The decision for a rollout that stands at ``stage``; empty for where the evidence does.

    A stage without evidence holds: what an earlier one was promoted for is no reason to leave this one.
    """
    if decision.value is not DecisionValue.PROMOTE or not stage:
        return decision.value
    there, here = stages.index(decision.stage), stages.index(stage)
    return DecisionValue.PROMOTE if there >= here else DecisionValue.HOLD


def answer_to(
    asked: Asked, decision: Decision, stages: Sequence[str], step: NextStep | None = None
) -> Answer:
    """The answer, of a decision that was just made; ``step`` decides where the next step is asked about."""
    from agentops_eval.reports import decision_json

    value = value_for(decision, asked.stage, stages)
    if asked.page is Page.DECISION:
        return Answer(status=HTTPStatus.OK, document={**decision_json(decision), "value": str(value)})
    document = _short(decision, value, asked.stage)
    if asked.page is Page.FLAGGER:
        opened = value in _OPEN[asked.hook] if step is None else step.confirmed
        if step is not None and step.why:
            document["reasons"] = [step.why]
        status = HTTPStatus.OK if opened else HTTPStatus.FORBIDDEN
        return Answer(status=status, document={**document, "hook": str(asked.hook)})
    return Answer(status=HTTPStatus.OK, document=document)


def _short(decision: Decision, value: DecisionValue, stage: str) -> dict[str, Json]:
    """What fits into the log of a controller."""
    reasons = [reason.message for reason in decision.reasons]
    if value is not decision.value:
        reasons = [f"stage {stage} has no evidence yet; the last that has is {decision.stage}"]
    return {
        "value": str(value),
        "score": _SCORES[value],
        "gate": decision.gate,
        "stage": decision.stage,
        "next_stage": decision.next_stage,
        "n": decision.n,
        "n_needed": decision.n_needed,
        "reasons": reasons[:5],
        "digest": decision.digest,
    }
