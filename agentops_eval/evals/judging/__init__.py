"""Judges: rubrics, how they are put to an llm, how its reply is read, and how far it can be trusted.

Everything is imported on first use. Nothing in here asks anybody: whoever runs evaluators supplies a
``Judge`` with ``judged_by``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.evals.judging._calibration import (
        Calibration,
        Confusion,
        Corrected,
        Floor,
        Measured,
        Row,
        calibrate,
        calibration_json,
        labels_digest,
    )
    from agentops_eval.evals.judging._conclude import about, conclude, conclude_pair
    from agentops_eval.evals.judging._judged import MOST_SAMPLES, Judged
    from agentops_eval.evals.judging._labels import Label, Overrides, answer_digest, rubric_key
    from agentops_eval.evals.judging._port import Judge, Override, Reply, judged_by
    from agentops_eval.evals.judging._prompt import Prompt, choice_prompt, fenced, mark_of, verdict_prompt
    from agentops_eval.evals.judging._reading import Choice, Opinion, read_choice, read_opinion, read_reply
    from agentops_eval.evals.judging._rubric import Rubric, See, criterion
    from agentops_eval.evals.judging._shipped import RUBRICS, rubric_of
    from agentops_eval.evals.judging._shown import Shown, shown_of

_HOMES = {
    "_calibration": (
        "Calibration Confusion Corrected Floor Measured Row calibrate calibration_json labels_digest"
    ),
    "_conclude": "about conclude conclude_pair",
    "_judged": "MOST_SAMPLES Judged",
    "_labels": "Label Overrides answer_digest rubric_key",
    "_port": "Judge Override Reply judged_by",
    "_prompt": "Prompt choice_prompt fenced mark_of verdict_prompt",
    "_reading": "Choice Opinion read_choice read_opinion read_reply",
    "_rubric": "Rubric See criterion",
    "_shipped": "RUBRICS rubric_of",
    "_shown": "Shown shown_of",
}
"""Where each public name lives, by module."""

__all__ = [
    "MOST_SAMPLES",
    "RUBRICS",
    "Calibration",
    "Choice",
    "Confusion",
    "Corrected",
    "Floor",
    "Judge",
    "Judged",
    "Label",
    "Measured",
    "Opinion",
    "Override",
    "Overrides",
    "Prompt",
    "Reply",
    "Row",
    "Rubric",
    "See",
    "Shown",
    "about",
    "answer_digest",
    "calibrate",
    "calibration_json",
    "choice_prompt",
    "conclude",
    "conclude_pair",
    "criterion",
    "fenced",
    "judged_by",
    "labels_digest",
    "mark_of",
    "read_choice",
    "read_opinion",
    "read_reply",
    "rubric_key",
    "rubric_of",
    "shown_of",
    "verdict_prompt",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
