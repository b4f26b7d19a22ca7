"""Whether a clause says that something is so, or that it is not."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

_TOPICS = {
    "refund": r"refund\w*|reimburs\w*|money\sback|(?:rück|zurück)?erstatt\w*|zurückzahl\w*|zurückgezahlt\w*|"
    r"rückzahlung\w*|zurücküberw\w*",
    "cancellation": r"cancel\w*|stornier\w*|stornierung\w*|gekündigt|kündig\w*",
    "shipping": r"ship(?:s|ped|ping|ment)?|dispatch\w*|verschick\w*|versend\w*|versandt?|abgeschickt",
    "delivery": r"deliver\w*|zugestellt|zustell\w*|geliefert|ausgeliefert|undelivered",
    "approval": r"approv\w*|accept(?:s|ed|ing)?|genehmig\w*|bewillig\w*|declin\w*|reject\w*|denied|deny|"
    r"abgelehnt|lehnen|ablehn\w*|disapprov\w*",
    "charge": r"charged|charging|billed|debited|abgebucht|belastet",
    "replacement": r"replac\w*|exchang\w*|ersetz\w*|umgetauscht|umtausch\w*",
    "eligibility": r"eligible|entitled|ineligible|berechtigt|anspruch",
    "availability": r"available|in\sstock|verfügbar|vorrätig|lieferbar|unavailable|out\sof\sstock|"
    r"ausverkauft|sold\sout",
    "booking": r"booked|reserved|gebucht|reserviert|rebooked|umgebucht",
    "payment": r"paid|bezahlt|unpaid|unbezahlt",
    "confirmation": r"confirm\w*|bestätig\w*|unconfirmed|unbestätigt",
    "success": r"success\w*|succeed\w*|erfolgreich\w*|unsuccessful\w*|failed|fails|fehlgeschlagen|erfolglos",
    "warranty": r"(?:covered|valid|gültig|abgedeckt)|invalid|ungültig|uncovered",
}
"""Actions and states that a support agent tells of, by the words in which it does."""

_AGAINST = re.compile(
    r"undelivered|declin\w*|reject\w*|denied|deny|abgelehnt|lehnen|ablehn\w*|disapprov\w*|ineligible|unavailable|"
    r"out\sof\sstock|ausverkauft|sold\sout|unpaid|unbezahlt|unconfirmed|unbestätigt|unsuccessful\w*|failed|fails|"
    r"fehlgeschlagen|erfolglos|invalid|ungültig|uncovered",
    re.IGNORECASE,
)
_ADJECTIVE = re.compile(
    rf"(?<!\w)(?:the|an?|your|this|that|these|any|der|die|das|den|ihre?|diese[rsn]?)\s"
    rf"(?:{_AGAINST.pattern})(?=\s(?!by|for|on|at|in|to|von|am|im|durch)\w)",
    re.IGNORECASE,
)
"""What tells which thing is meant, as in "the failed payment was refunded"."""

_SUBJECT = {
    name: re.compile(rf"(?<!\w)(?:non-?)?(?:{words})(?!\w)", re.IGNORECASE) for name, words in _TOPICS.items()
}
_NEGATION = re.compile(
    r"(?<!\w)(?:not|cannot|\w+n't|no|none|never|neither|nor|unable|impossible|nothing|"
    r"nicht|kein(?:e|en|em|er|es)?|nie|niemals|weder|unmöglich|non(?=-))(?!\w)|(?<!\w)non(?=refund)",
    re.IGNORECASE,
)
_FAILED_TO = re.compile(
    r"(?<!\w)(?:fail(?:ed|s)?|refus(?:ed|es|e)|declin(?:ed|es|e))\sto(?!\w)", re.IGNORECASE
)
_NO_NEGATION = re.compile(
    r"(?<!\w)(?:not\sonly|nicht\snur|(?:no|not)\s(?:more|later|longer|less|fewer)\sthan|nicht\s(?:mehr|später|länger|"
    r"weniger)\sals|(?:do\snot|don't|please\sdon't)\s(?:hesitate|worry|forget)|no\s(?:worries|problem|doubt)|"
    r"(?:do\snot|don't|won't|doesn't|does\snot|will\snot)\s(?:need|have)\s(?:to|any|anything)?|no\sneed|need\snot|"
    r"(?:at|with|for)?\s?no\s(?:extra\s|additional\s|further\s)?(?:fees?|costs?|charges?|deductions?|action|questions\sasked)|"
    r"keine\ssorge|kein\sproblem|(?:zögern|scheuen)\ssie\s(?:sich\s)?nicht|keine\s(?:weiteren\s|zusätzlichen\s)?"
    r"(?:kosten|gebühren)|nichts\s(?:weiter\s)?(?:zu\s)?tun|nothing\s(?:else|more|further)|whether\sor\snot|not\sto\sworry)(?!\w)",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"(?<!\w)(?:if|unless|in\scase|whether|should\syou|falls|wenn|sofern|ob|sollten?)(?!\w)", re.IGNORECASE
)
_INSERTED = re.compile(
    r",\s(?:which|who|whose|where|that|the\sone|die|der|das|dem|den|welche[rsn]?)\s[^,.;:!?\n()]{1,200}(?=,)|\([^()\n]{1,200}\)",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"[.!?;:\n]+(?=[\s\x00]|$)|,(?=\s)|\s[\u2013\u2014-]\s|\s(?:but|aber|sondern|however|so\sthat|because|since|due|owing|weil|denn|wegen)\s"
    r"|\s(?:and|und)\s(?=(?:we|i|you|it|they|this|that|wir|ich|sie|es|du|das)\s)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A part of a text. ``holds`` is whether it says so or denies it; None where it does neither.

    ``topics`` maps what it speaks of to whether it says so.
    """

    start: int
    end: int
    holds: bool | None
    topics: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Clauses:
    """The clauses of a text in their order; ``inserted`` are those that stand inside of others."""

    running: tuple[Clause, ...]
    inserted: tuple[Clause, ...]

    def __iter__(self) -> Iterator[Clause]:
        yield from self.running
        yield from self.inserted

    def at(self, place: int) -> Clause | None:
        """The innermost clause in which a place stands."""
        for clauses in (self.inserted, self.running):
            number = bisect_right(clauses, place, key=lambda one: one.start) - 1
            if number >= 0 and place < clauses[number].end:
                return clauses[number]
        return None


def clauses_of(text: str) -> Clauses:
    """The clauses of a text whose facts are blank."""
    spans = [match.span() for match in _INSERTED.finditer(text)]
    joined = _INSERTED.sub(lambda match: "\x01" * len(match[0]), text)
    # Behind what is inserted stands a comma, which would cut its clause in two.
    joined = re.sub("(?<=\x01),", "\x01", joined)
    return Clauses(
        running=tuple(_clause(joined, start, end) for start, end in _spans(joined)),
        inserted=tuple(_clause(text, start, end) for start, end in spans),
    )


def _spans(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for match in _CUT.finditer(text):
        yield start, match.end()
        start = match.end()
    yield start, len(text)


def _clause(text: str, start: int, end: int) -> Clause:
    said = text[start:end]
    if said.rstrip().endswith("?") or _CONDITION.search(said):
        return Clause(start=start, end=end, holds=None)
    plain = _ADJECTIVE.sub(" ", _FAILED_TO.sub(" not ", _NO_NEGATION.sub(" ", said)))
    found = [
        (name, match[0]) for name, pattern in _SUBJECT.items() if (match := pattern.search(plain)) is not None
    ]
    denied = _NEGATION.search(plain) is not None
    against = any(_AGAINST.fullmatch(word) is not None for _, word in found)
    if not found:
        return Clause(start=start, end=end, holds=False if denied else None)
    # "The refund was declined" denies the refund, and "not declined" affirms it.
    holds = denied is against
    return Clause(start=start, end=end, holds=holds, topics=tuple((name, holds) for name, _ in found))
