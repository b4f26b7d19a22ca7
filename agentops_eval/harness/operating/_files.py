"""The file of objectives, and what two reviewers said of the same answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from pathlib import Path

from agentops_eval.documents import MAX_BYTES
from agentops_eval.domain import ObjectivesInvalid
from agentops_eval.evals.judging import Label
from agentops_eval.harness._judge_settings import load_judge_settings
from agentops_eval.harness._labels import LABELS, read_labels
from agentops_eval.operations import OBJECTIVES_FILE, Objectives, Reviewed, read_objectives


def load_objectives(path: Path) -> Objectives:
    """What a file of objectives promises. Raises ObjectivesInvalid."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)  # one more is refused, however many follow
    except OSError as error:
        raise ObjectivesInvalid(
            f"the file of objectives cannot be read: {error.strerror or error}",
            where=str(path),
            remedy=OBJECTIVES_FILE.example,
        ) from None
    return read_objectives(data, str(path))


def load_reviews(root: Path) -> tuple[Reviewed, ...]:
    """What the first two roles said of each answer that more than one labelled. Raises JudgeInvalid."""
    labels = read_labels(root / load_judge_settings(root).folder / LABELS)
    return tuple(_reviews(labels))


def _reviews(labels: Iterable[Label]) -> Iterator[Reviewed]:
    def question(one: Label) -> tuple[str, ...]:
        return one.suite, one.case, one.variant, str(one.trial), one.rubric, one.answer_digest

    for _, group in groupby(sorted(labels, key=question), key=question):
        latest = {one.role: one for one in group}  # the last word of each role
        if len(latest) > 1:
            one, other = list(latest.values())[:2]
            at_s = max(_seconds(one.at), _seconds(other.at))
            yield Reviewed(at_s=at_s, one=one.label.value, other=other.label.value)


def _seconds(text: str) -> float:
    """A moment in seconds since 1970; long ago for a label that does not tell when it was."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        return 0.0
