"""``judge`` with a rubric or a criterion of the user's own, and an evaluator for each shipped rubric."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from agentops_eval.domain import nearest
from agentops_eval.evals._evaluator import Evaluator, Factory
from agentops_eval.evals.judging import RUBRICS, Judged, Rubric, See, rubric_of

Reference: TypeAlias = "str | int | float | bool | list[Any] | None"
"""What a shipped rubric is held against. No mapping: behind a rubric's name that is its arguments."""


def judge(
    rubric: str,
    reference: Any = None,
    samples: int = 0,
    llm: str = "",
    at_least: float | None = None,
    swap: bool = False,  # noqa: FBT001, FBT002  # read by name from a file
    sees: list[str] | None = None,
    calibrated: bool = False,  # noqa: FBT001, FBT002
) -> Evaluator:
    """Put a rubric to the judge: the id of a shipped one, or a criterion in words.

    A criterion is more than one word, so that a misspelt id is no criterion. ``sees`` says what of the
    run a criterion's judge is shown. Raises ValueError for a rubric that is not known.
    """
    return Judged(
        rubric=rubric_of(rubric, sees=None if sees is None else _sees(sees)),
        reference=reference,
        samples=samples,
        llm=llm,
        at_least=at_least,
        swap=swap,
        calibrated=calibrated,
    )


def shipped() -> Mapping[str, Factory]:
    """An evaluator for each shipped rubric, under its id; the main argument is the reference."""
    return {name: _factory(rubric) for name, rubric in RUBRICS.items()}


def _factory(rubric: Rubric) -> Factory:
    def under(
        reference: Reference = None,
        samples: int = 0,
        llm: str = "",
        at_least: float | None = None,
        swap: bool = False,  # noqa: FBT001, FBT002
        calibrated: bool = False,  # noqa: FBT001, FBT002
    ) -> Evaluator:
        if reference is not None and not swap and See.REFERENCE not in rubric.sees:
            raise ValueError(f"{rubric.id} is not held against a reference")
        return Judged(
            rubric=rubric,
            reference=reference,
            samples=samples,
            llm=llm,
            at_least=at_least,
            swap=swap,
            calibrated=calibrated,
        )

    under.__name__ = rubric.id
    under.__doc__ = rubric.question
    return under


def _sees(names: list[str]) -> tuple[See, ...]:
    known = [see.value for see in See]
    for name in names:
        if name not in known:
            raise ValueError(f"a judge cannot see {name!r}: {nearest(name, known)}")
    found = dict.fromkeys((See.ANSWER, *(See(name) for name in names)))
    return tuple(see for see in See if see in found)
