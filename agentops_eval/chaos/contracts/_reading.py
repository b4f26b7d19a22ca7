"""How an answer is read: as the fault-free one, as a success, as a failure, or as neither."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from enum import StrEnum

from agentops_eval.chaos._texts import json_text
from agentops_eval.chaos.contracts._contract import Contract, ends_of, found_in, pattern
from agentops_eval.domain import EndedBy, FaultedRun, Json

FAILURE_WORDS = (
    r"\b(sorry|apolog(y|ies|i[sz]e))\b(?! for (the|any|your|this) (delay|wait|inconvenience))",
    r"\bunfortunately\b",
    r"\bunable\b",
    r"\bcan ?not\b",
    r"\bcan['\u2019]t\b",
    r"\bcould(n['\u2019]t| not)\b",
    r"\b(was|were|has|have|is|are|did|do|does)(n['\u2019]t| not)\b",
    r"\bfail(s|ed|ing|ure)?\b",
    r"(?<!\bno )(?<!\bwithout )(?<!\bwithout an )(?<!\bwithout any )\berror\b",
    r"\bunavailable\b",
    r"\bnot (available|possible|done|completed?|sent|booked|refunded|charged)\b",
    r"\bout of (service|order)\b",
    r"\bwent wrong\b",
    r"\btry(ing)? again\b",
    r"\btime[d ]? ?out\b",
    r"\b(reject|declin|refus|abort|giv)(ed|en|ing) ?(up)?\b",
    r"\bgave up\b",
    r"\bno answer\b",
)
"""Words by which an answer says that the task was not done, in English. A contract may name others."""

SUCCESS_WORDS = (
    r"\b(done|success(ful(ly)?)?|succeeded|completed?|confirmed|sent|booked|paid|charged|refunded)\b",
    r"\b(ordered|created|cancel+ed|processed|shipped|delivered|updated|scheduled|submitted|placed)\b",
    r"\b(issued|credited|reimbursed|purchased|reserved)\b|\bon (its|their) way\b",
)
"""Words by which an answer claims that something was done, where a contract names none."""

_BAD = frozenset({"error", "failed", "failure", "fail", "unavailable", "rejected", "timeout", "aborted"})
_GOOD = frozenset({"ok", "success", "succeeded", "done", "completed", "confirmed"})
_DRAWN = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|\d{4}-\d\d-\d\d[t ]\d\d:\d\d(:\d\d(\.\d+)?)?(z|[+-]\d\d:?\d\d)?"
)
_SPACE = re.compile(r"\s+")


class Reading(StrEnum):
    """What an answer says of the task."""

    EQUIVALENT = "equivalent"  # what the fault-free run answered
    SUCCESS = "success"
    FAILURE = "failure"
    OTHER = "other"
    NOTHING = "nothing"  # there is none, or it is not known


def text_of(output: Json) -> str:
    """An answer as one text: itself, or its JSON."""
    if isinstance(output, str):
        return output
    try:
        return json.dumps(output, ensure_ascii=False, sort_keys=True)
    except (TypeError, ValueError, RecursionError):
        return json_text(output)


def normalised(text: str) -> str:
    """An answer without what differs from run to run: case, spaces, uuids and moments."""
    folded = _SPACE.sub(" ", unicodedata.normalize("NFC", text)).strip().casefold()
    return _DRAWN.sub("<drawn>", folded)


def read_output(run: FaultedRun, contract: Contract, *, text: str, usual: str | None) -> Reading:
    """What a run's answer says. ``text`` is the answer, ``usual`` the normalised fault-free one.

    Cases, in this order: an error, or a process that ended, says that it failed; no answer, or one that is
    not known; the fault-free answer; words of failure; words of success.
    """
    if run.ended in (EndedBy.ERROR, EndedBy.KILL):
        return Reading.FAILURE
    if not run.answered:
        return Reading.NOTHING
    if usual is not None and normalised(text) == usual:
        return Reading.EQUIVALENT
    told = told_by_fields(run.output)
    if told is Reading.FAILURE or _any(contract.failure, text, FAILURE_WORDS):
        return Reading.FAILURE
    if told is Reading.SUCCESS or _any(contract.success or None, text, SUCCESS_WORDS):
        return Reading.SUCCESS
    return Reading.OTHER


def is_full_answer(contract: Contract, text: str) -> bool:
    """Whether the contract's own words of success are in the answer."""
    return _any(contract.success, text)


def _any(patterns: Iterable[str] | None, text: str, usual: Iterable[str] = ()) -> bool:
    """Whether any pattern of a contract is in the text; where it has none, any usual one: these are quick."""
    seen = ends_of(text)
    if patterns is None:
        return any(pattern(one).search(seen) for one in usual)
    return any(found_in(one, seen) for one in patterns)


def told_by_fields(output: Json) -> Reading | None:
    """What an answer of fields says by those that most APIs have."""
    if not isinstance(output, Mapping):
        return None
    status = output.get("status")
    word = status.casefold() if isinstance(status, str) else ""
    flags = [output.get(name) for name in ("ok", "success")]
    if output.get("error") or word in _BAD or False in [flag for flag in flags if flag is not None]:
        return Reading.FAILURE
    if word in _GOOD or any(flag is True for flag in flags):
        return Reading.SUCCESS
    return None
