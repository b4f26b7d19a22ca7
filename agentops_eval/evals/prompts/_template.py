"""Texts with ``{{variables}}``: filled, and recognised when they were filled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_TOKEN = re.compile(r"(?P<escaped>\\\{\{)|\{\{[ \t]*(?P<name>[A-Za-z_][A-Za-z0-9_]*)[ \t]*\}\}")
_MEANT = re.compile(r"(?<!\\)\{\{[^{}\n]{0,200}\}\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A text cut at its variables: one literal more than there are names. A backslash escapes ``{{``."""

    literals: tuple[str, ...]
    names: tuple[str, ...] = ()

    @classmethod
    def of(cls, text: str) -> Template:
        """Cut a text at its variables."""
        literals, names, start = [""], list[str](), 0
        for token in _TOKEN.finditer(text):
            literals[-1] += text[start : token.start()]
            start = token.end()
            if token["escaped"]:
                literals[-1] += "{{"
            else:
                names.append(token["name"])
                literals.append("")
        literals[-1] += text[start:]
        return cls(literals=tuple(literals), names=tuple(names))

    @property
    def weight(self) -> int:
        """How many characters of it are given: what fits more of them fits better."""
        return sum(len(literal.strip()) for literal in self.literals)

    def filled(self, values: Mapping[str, str]) -> str:
        """The text with its variables replaced, once: what a value holds is not read again."""
        parts = [self.literals[0]]
        for name, literal in zip(self.names, self.literals[1:], strict=True):
            parts += [values[name], literal]
        return "".join(parts)

    def fits(self, text: str) -> bool:
        """Whether some values make this of the template.

        The literals are looked for in their order, each at its first place. That finds a way where there
        is one, never goes back, and so takes no longer than a search for each of them. A variable that is
        there twice may have been filled twice.
        """
        first, *others = self.literals
        if not others:
            return text == first
        *middle, last = others
        if len(text) < len(first) + len(last) or not (text.startswith(first) and text.endswith(last)):
            return False
        start, end = len(first), len(text) - len(last)
        for literal in middle:
            place = text.find(literal, start, end)
            if place < 0:
                return False
            start = place + len(literal)
        return True


def strays(text: str) -> Iterator[tuple[int, str]]:
    """What stands between double braces and is no variable: its place and its text."""
    for found in _MEANT.finditer(text):
        if not _TOKEN.fullmatch(found.group()):
            yield found.start(), found.group()
