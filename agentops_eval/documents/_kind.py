"""How one kind of file is spoken of: its name in messages, and the error that it raises."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from agentops_eval.domain import AgentopsError, nearest

E_co = TypeVar("E_co", bound=AgentopsError, covariant=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentKind(Generic[E_co]):
    """One kind of file that people write. Whoever reads such files declares it once.

    ``noun`` is its name (``gate file``), ``error`` what is raised for all that is wrong with one.
    ``example`` is the remedy for a file that says nothing yet, ``split`` the one for a file that is too
    long. ``forms`` are patterns of fields in words, ``nouns`` what structures are called where their names
    would not do, ``instead`` the remedies for names that are often written and that nothing has.
    """

    noun: str
    error: type[E_co]
    example: str = ""
    split: str = "leave out what is not needed"
    forms: Mapping[str, str] = field(default_factory=dict)
    nouns: Mapping[type, str] = field(default_factory=dict)
    instead: Mapping[str, str] = field(default_factory=dict)

    @property
    def one(self) -> str:
        """The noun with its article: ``a gate file``."""
        return with_article(self.noun)

    def unreadable(self, name: str, what: str, *, line: int = 0, remedy: str = "") -> E_co:
        """The error for a text that says nothing at all, since it cannot be parsed."""
        return self.error(what, where=f"{name}:{line}" if line else name, remedy=remedy)

    def meant(self, name: str, known: Iterable[str]) -> str:
        """The remedy for a name that nothing has."""
        return self.instead.get(name) or nearest(name, known)


def with_article(noun: str) -> str:
    """A noun with ``a`` or ``an`` before it."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"
