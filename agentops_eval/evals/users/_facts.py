"""Hidden facts: what a user knows and tells only when asked for it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from agentops_eval.domain import Json, SimulatedUser

_WORDS = re.compile(r"[^\W_]+")
_REQUESTS = re.compile(
    r"\?|\b(?:please|tell|give|provide|send|share|need|what|which|who|when|where|how|may i|could you|can you|"
    r"confirm|enter|specify|bitte|welche[rsmn]?|nennen?|brauche)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True, slots=True, kw_only=True)
class HiddenFact:
    """One hidden fact. ``keywords`` are the words of its name; ``asked`` is a pattern that replaces them."""

    name: str
    value: str
    keywords: tuple[str, ...] = ()
    asked: str = ""

    @property
    def sentence(self) -> str:
        """How a scripted user tells it."""
        return f"The {' '.join(self.keywords) or self.name} is {self.value}."


def facts_of(user: SimulatedUser) -> tuple[HiddenFact, ...]:
    """The hidden facts of a user.

    A value is the fact itself, or ``{value: ..., asked: pattern}`` where the words of its name are not
    what an agent would say. Raises ValueError for a mapping of another shape or a pattern that is none.
    """
    return tuple(_fact(name, value) for name, value in user.hidden.items())


def asks_for(fact: HiddenFact, said: str) -> bool:
    """Whether an agent's words ask for a fact: a request and all words of its name in one sentence."""
    if fact.asked:
        return compiled(fact.asked).search(said) is not None
    wanted = [stem(word) for word in fact.keywords]
    for sentence in _SENTENCE.split(said):
        spoken = {stem(word) for word in words(sentence)}
        if wanted and set(wanted) <= spoken and _REQUESTS.search(sentence):
            return True
    return False


def asks(said: str) -> bool:
    """Whether an agent's words ask for anything."""
    return "?" in said


def tells(fact: HiddenFact, said: str) -> bool:
    """Whether words hold a fact's value, as words of their own and however it is punctuated."""
    value = " ".join(words(fact.value))
    return bool(value) and f" {value} " in f" {' '.join(words(said))} "


def contradicts(fact: HiddenFact, said: str) -> str:
    """Another value in the place of a fact's, where that can be decided; empty where not.

    Decidable is a value with a digit in it: an order number, an amount, a date. A token of the same
    build (``A-1042`` and ``A-1043``) that stands where the value does not is another value.
    """
    if tells(fact, said) or not any(character.isdigit() for character in fact.value):
        return ""
    built = _build(fact.value)
    return next((token for token in _tokens(said) if _build(token) == built), "")


def words(text: str) -> list[str]:
    """The words of a text in small letters."""
    return [word.casefold() for word in _WORDS.findall(text)]


def stem(word: str) -> str:
    """A word without the ending of a plural: numbers and number are asked for alike."""
    folded = word.casefold()
    return folded[:-1] if len(folded) > 3 and folded.endswith("s") and not folded.endswith("ss") else folded


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of a scenario, without regard to case. Raises ValueError for one that is none."""
    try:
        return re.compile(pattern, re.IGNORECASE)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"{pattern!r} is no regular expression: {error}") from None


def _fact(name: str, value: Json) -> HiddenFact:
    keywords, asked = tuple(words(name)), ""
    if isinstance(value, Mapping):
        pattern = value.get("asked", "")
        if set(value) - {"value", "asked"} or "value" not in value or not isinstance(pattern, str):
            raise ValueError(f"the hidden fact {name} is a value, or {{value: ..., asked: a pattern}}")
        value, asked = value["value"], pattern
    if asked:
        compiled(asked)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return HiddenFact(name=name, value=text, keywords=keywords, asked=asked)


def _tokens(text: str) -> Iterator[str]:
    for token in text.split():
        yield token.strip(".,;:!?()[]\"'")


def _build(text: str) -> str:
    """Which kinds of characters stand where: ``A-1042`` is ``a-9999``."""
    kinds = ["9" if one.isdigit() else "a" if one.isalpha() else one for one in text]
    return "".join(kinds)
