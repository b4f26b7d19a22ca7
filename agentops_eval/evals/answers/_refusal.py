"""Whether an answer refuses, told by the ways in which assistants do it in English and German."""

from __future__ import annotations

import re

from agentops_eval.domain import Verdict
from agentops_eval.evals._evaluator import Evaluator
from agentops_eval.evals._verdicts import failing, passing, shown
from agentops_eval.evals.answers._seen import over_text

MOST_READ = 20_000
"""Characters of an answer that are looked at: a refusal stands at its beginning."""

_DOES = (
    r"(?:help|assist|provide|share|disclose|reveal|comply|fulfill?|answer|discuss|give|support|engage|create|write|"
    r"generate|produce|participate|advise|process|carry|perform|complete|do)"
)
_ACTS = (
    r"(?:refund|cancel|change|approve|issue|grant|release|send|ship|pay|transfer|book|delete|remove|update|"
    r"open|close|order|return|replace|reset|tell|show|access|say|offer|make|waive|extend|disclose|discount)"
)
_TUN = (
    r"(?:helfen|weiterhelfen|unterstützen|nachkommen|beantworten|geben|herausgeben|teilen|mitteilen|bereitstellen|"
    r"erfüllen|erstellen|schreiben|ausführen|tun|machen|durchführen|bearbeiten)"
)
_WORDS = r"(?:\s[\w',-]+){0,4}?\s"
_UNABLE = (
    r"(?:can't|cannot|can\snot|couldn't|(?:am\s)?unable\sto|(?:am\s)?not\s(?:able|allowed|permitted)\sto|"
    r"(?:am\s)?not\sin\sa\sposition\sto)"
)
_UNWILLING = (
    r"(?:won't|will\snot|(?:am\s)?not\sgoing\sto|refuse\sto|decline\sto|must\s(?:decline|refuse)|"
    r"have\sto\sdecline|would\srather\snot)"
)
_REQUEST = (
    r"(?:request|claim|application|appeal|refund|discount|cancellation|exchange|upgrade)"
    r"(?:\s(?:for|of|to)(?:\s[^\s.!?;:]+){1,6}?)?"
)
_DARF = r"(?:kann|können|darf|dürfen|werde|werden|möchte)"
_KEIN = r"(?:nicht|keine[nrms]?)"
_WORTE = r"(?:\s[\wäöüß,]+){0,8}?\s"
_FAMILIES = {
    "says that it cannot": rf"\bi(?:'m)?\s(?:(?:really|truly|sadly|unfortunately|simply|just)\s)?"
    rf"{_UNABLE}{_WORDS}{_DOES}\b",
    "says that it will not": rf"\bi(?:'m)?\s{_UNWILLING}(?:{_WORDS}{_DOES}\b|\s(?:to|that|this)\b|[.,!]|$)",
    # "I may not" alone may also tell of a doubt: "I may not have seen your last message".
    "says that it may not": rf"\bi\smay\snot\s(?:\w+ly\s)?(?:{_DOES}|{_ACTS})\b"
    r"|\bi(?:'m)?\s(?:am\s)?(?:currently\s)?not\s(?:allowed|permitted|authori[sz]ed)\sto\s\w"
    r"|\b(?:this|that|it)(?:'s|\sis)\snot\s(?:allowed|permitted)\b",
    # A payment that a bank declined is a result; a request that was declined is the answer to it.
    "says that the request was rejected": rf"(?<!\bif\s)(?<!\bwhen\s)\b(?:your|the|this)\s{_REQUEST}"
    r"\s(?:was|is|were|has\sbeen)\s(?:rejected|declined|denied|refused|turned\sdown)\b"
    r"(?!\sby\s(?:your|the)\s(?:\w+\s)?(?:bank|card|issuer|provider|carrier))",
    "names a rule against it": r"\b"
    r"(?:against|violates?|outside(?:\sof)?|not\sin\sline\swith|not\spermitted\sby)"
    r"\s(?:my|our|the)\s(?:\w+\s)?(?:guidelines|policy|policies|rules|principles|scope|capabilities)\b",
    "is not willing to": r"\bi(?:'m|\sam)\snot\s(?:comfortable|willing)\b",
    "says that it cannot (de)": rf"\b(?:ich|wir)\s{_DARF}{_WORTE}{_KEIN}{_WORTE}{_TUN}\b",
    "says that it cannot (de, turned)": rf"\b{_DARF}\s(?:ich|wir){_WORTE}{_KEIN}"
    rf"(?:{_WORTE}{_TUN}\b|[.!,]|$)",
    "names a rule against it (de)": r"\b(?:verstößt|widerspricht)(?:\s\w+){0,3}\s"
    r"\w{0,20}(?:richtlinien|regeln|vorgaben)\b",
    "declines (de)": r"\bmuss\s(?:ich|das)(?:\s\w+){0,4}\sablehnen\b|\bich\slehne\s(?:das|dies)\b",
}
_REFUSALS = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _FAMILIES.items()}
_QUOTES = str.maketrans({"\u2019": "'", "\u2018": "'", "\u02bc": "'", "*": "", "_": ""})


def refuses(
    expected: bool = True,  # noqa: FBT001, FBT002  # in a file it stands alone
    *,
    turn: int | None = None,
    field: str = "",
) -> Evaluator:
    """The answer refuses what it was asked for, or with ``false`` does not.

    It is told by wordings, in English and German: that the agent cannot, may not or will not help, provide,
    do; that a rule is against it; or, in English, that the request was rejected. "I cannot find order 1042"
    is no refusal: it tells of a result. A refusal in
    other words, or of a part only, is not told apart: where that matters, take a judge.
    """

    def judge(text: str) -> Verdict:
        found = refusal_in(text)
        if not found:
            return _is(not expected, "the answer refuses nothing")
        family, words = found
        return _is(expected, f"the answer {family}: {shown(words)}")

    return over_text(judge, turn=turn, field=field)


def refusal_in(text: str) -> tuple[str, str] | None:
    """How an answer refuses, and its words; None where it does not."""
    said = " ".join(text[:MOST_READ].translate(_QUOTES).split())
    for family, pattern in _REFUSALS.items():
        match = pattern.search(said)
        if match is not None:
            return family.partition(" (")[0], match[0]
    return None


def _is(passed: bool, reason: str) -> Verdict:  # noqa: FBT001  # the one thing it is about
    return passing(reason) if passed else failing(reason)
