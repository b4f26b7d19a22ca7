"""Versions of prompts: semantic versions, in their order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import total_ordering

_FORM = re.compile(
    r"v?(?P<major>[0-9]{1,9})(?:\.(?P<minor>[0-9]{1,9})(?:\.(?P<patch>[0-9]{1,9}))?)?"
    r"(?:-(?P<pre>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?"
)
_LONGEST = 64


@total_ordering
@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version and its place among others. ``1``, ``1.0`` and ``v1.0.0`` are the same.

    The order is that of Semantic Versioning 2.0.0, item 11: numbers count as numbers, and what is
    behind a dash (``1.4.0-rc.1``) comes before the version without it.
    """

    major: int
    minor: int = 0
    patch: int = 0
    pre: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Version:
        """Read ``1``, ``1.4``, ``v1.4.0`` or ``1.4.0-rc.1``. Raises ValueError for anything else."""
        found = _FORM.fullmatch(text) if len(text) <= _LONGEST else None
        if found is None:
            raise ValueError(f"{text[:_LONGEST]!r} is no version: 1, 1.4, v1.4.0 and 1.4.0-rc.1 are")
        pre = tuple(found["pre"].split(".")) if found["pre"] else ()
        numbers = [found["major"], found["minor"] or "0", found["patch"] or "0"]
        for part in (*numbers, *(one for one in pre if one.isdigit())):
            if part[0] == "0" and part != "0":
                raise ValueError(f"{text!r} is no version: {part} begins with a zero")
        major, minor, patch = map(int, numbers)
        return cls(major=major, minor=minor, patch=patch, pre=pre)

    @property
    def next(self) -> Version:
        """The least version above that is no forerunner: ``1.4.1`` after ``1.4.0``."""
        up = 0 if self.pre else 1
        return Version(major=self.major, minor=self.minor, patch=self.patch + up)

    def __str__(self) -> str:
        plain = f"{self.major}.{self.minor}.{self.patch}"
        return f"{plain}-{'.'.join(self.pre)}" if self.pre else plain

    def __lt__(self, other: object) -> bool:
        return self._place < other._place if isinstance(other, Version) else NotImplemented

    @property
    def _place(self) -> tuple[object, ...]:
        forerunner = tuple((0, int(one), "") if one.isdigit() else (1, 0, one) for one in self.pre)
        return (self.major, self.minor, self.patch, not self.pre, forerunner)


def is_version(text: str) -> bool:
    """Whether the text can be read as a version."""
    try:
        Version.parse(text)
    except ValueError:
        return False
    return True
