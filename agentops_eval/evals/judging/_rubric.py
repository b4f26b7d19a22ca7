"""What a judge is asked: one question, its scale, and what of a run it may see."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum

FORM = 1
"""The version of the form in which a rubric is put to a judge. It is part of every rubric's digest."""

_ID = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-")


class See(StrEnum):
    """What of a run a judge is shown. Everything else it does not know."""

    INPUT = "input"
    ANSWER = "answer"
    CALLS = "calls"
    REFERENCE = "reference"
    STATE = "state"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rubric:
    """One question with its scale.

    Without ``grades`` the scale is pass or fail, and ``passes`` and ``fails`` say what each means. With
    them it runs from 1, the worst, and each text is the anchor of its grade. A grade becomes a score
    from 0 to 1, which passes from ``at_least`` upwards. ``needs`` are parts without which nobody can
    answer: where one is missing, the verdict is unknown and nobody is asked.

    Raises ValueError for a rubric that asks nothing, or whose scale is none.
    """

    id: str
    question: str
    passes: str = ""
    fails: str = ""
    grades: tuple[str, ...] = ()
    sees: tuple[See, ...] = (See.INPUT, See.ANSWER)
    needs: tuple[See, ...] = (See.ANSWER,)
    at_least: float = 0.75

    def __post_init__(self) -> None:
        if not self.question.strip():
            raise ValueError("a rubric asks something: its question is empty")
        if not self.id or not set(self.id) <= _ID:
            raise ValueError(f"{self.id!r} cannot name a rubric: use small letters, digits, _ and -")
        if len(self.grades) == 1:
            raise ValueError("a scale of grades has two of them or more")
        if not 0 <= self.at_least <= 1:
            raise ValueError(f"at_least is a score from 0 to 1, not {self.at_least:g}")
        if not set(self.needs) <= set(self.sees):
            raise ValueError("a rubric needs nothing that it may not see")

    @property
    def digest(self) -> str:
        """Sixteen hex digits that change with anything that the judge is told; not with ``at_least``."""
        told = [FORM, self.id, self.question, self.passes, self.fails, self.grades, self.sees, self.needs]
        return hashlib.blake2b(json.dumps(told).encode(), digest_size=8).hexdigest()

    @property
    def scale(self) -> tuple[tuple[str, str], ...]:
        """The words or grades of the scale with what each means; without grades, those that are explained."""
        if self.grades:
            return tuple((str(grade), text) for grade, text in enumerate(self.grades, start=1))
        return tuple((word, text) for word, text in (("pass", self.passes), ("fail", self.fails)) if text)

    @property
    def name(self) -> str:
        """The rubric with the beginning of its digest: another text is another rubric."""
        return f"{self.id}-{self.digest[:8]}"


def criterion(text: str, *, sees: tuple[See, ...] = (See.INPUT, See.ANSWER, See.REFERENCE)) -> Rubric:
    """A rubric of the user's own words: the answer passes where they hold of it.

    Raises ValueError where there are none.
    """
    words = " ".join(text.split())
    own = hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=4).hexdigest()
    return Rubric(
        id=f"criterion-{own}",
        question=words,
        passes="everything that the criterion asks for holds",
        fails="something that it asks for does not hold",
        sees=sees,
    )
