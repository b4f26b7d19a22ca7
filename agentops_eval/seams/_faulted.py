"""What a fault made of an answer or a message, read as the type that is meant to be there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_type_hints

from agentops_eval.domain import Json
from agentops_eval.seams._revive import OtherShape, Reviver, apply_plan, plan_for
from agentops_eval.seams._signature import signature_of


def root_of(error: BaseException) -> BaseException:
    """What the type's own constructor raised where a value could not be rebuilt."""
    while isinstance(error.__cause__, Exception):
        error = error.__cause__
    return ValueError(str(error)) if isinstance(error, OtherShape) else error


def read_answer(run: Callable[..., Any], value: Json) -> Any:
    """The answer by the return annotation. Raises what the type's constructor does where it cannot be."""
    try:
        return Reviver(run)(value)
    except ValueError as error:
        raise root_of(error) from None


def read_message(run: Callable[..., Any], value: Json) -> Any:
    """The message by the annotation of what ``run`` takes first. Raises what the type's constructor does."""
    try:
        hints = get_type_hints(run)
        plan = plan_for(hints.get(next(iter(signature_of(run).parameters), "")))
    except Exception:  # no function, or an annotation that cannot be resolved
        plan = None
    try:
        return apply_plan(plan, value)
    except Exception as error:
        raise root_of(error) from None
