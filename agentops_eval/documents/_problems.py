"""What is wrong with a file, all of it and not only the first."""

from __future__ import annotations

from typing import Generic, TypeVar

from agentops_eval.documents._document import Document, Place
from agentops_eval.documents._kind import DocumentKind
from agentops_eval.domain import AgentopsError

E = TypeVar("E", bound=AgentopsError)

MAX_PROBLEMS = 20


class Problems(Generic[E]):
    """Collects what is wrong with one document. ``shapes`` counts what its JSON Schema refuses, too."""

    def __init__(self, document: Document, kind: DocumentKind[E]) -> None:
        self.document = document
        self.kind = kind
        self.shapes = 0
        self._found: list[tuple[int, E]] = []
        self._said: set[tuple[str, str]] = set()
        self._more = 0

    def __bool__(self) -> bool:
        return bool(self._found)

    def shape(self, place: Place, what: str, remedy: str = "") -> None:
        """A field that does not exist, or a value of the wrong kind."""
        self.shapes += 1
        self.add(place, what, remedy)

    def add(self, place: Place, what: str, remedy: str = "") -> None:
        """Anything else that cannot be meant."""
        self.take(self.kind.error(what, where=self.document.where(place), remedy=remedy), place)

    def take(self, error: E, place: Place) -> None:
        """An error that says where it is. What a table repeats row by row is said once."""
        said = (error.where, error.what)
        if said in self._said:
            return
        self._said.add(said)
        if len(self._found) < MAX_PROBLEMS:
            self._found.append((self.document.line_of(place), error))
        else:
            self._more += 1

    def errors(self) -> tuple[E, ...]:
        """What is wrong, in the order of the lines; what is too much is counted at the end."""
        found = tuple(error for _, error in sorted(self._found, key=lambda one: one[0]))
        if not self._more:
            return found
        what = f"{self._more} more problem{'s' if self._more > 1 else ''} in the file"
        return (*found, self.kind.error(what, where=self.document.name))


def together(errors: tuple[E, ...], kind: DocumentKind[E]) -> E:
    """One error for several, for where only one can be raised. ``errors`` is not empty."""
    first, *more = errors
    if not more:
        return first
    lines = []
    for error in errors:
        lines.append(f"{error.where}: {error.what}" if error.where else error.what)
        lines += [f"    {error.remedy}"] if error.remedy else []
    files = {error.where.partition(" ")[0].partition(":")[0] for error in errors}
    what = f"{len(errors)} problems in {f'the {kind.noun}' if len(files) == 1 else f'{kind.noun}s'}"
    return kind.error(what, where=files.pop() if len(files) == 1 else "", difference="\n".join(lines))
