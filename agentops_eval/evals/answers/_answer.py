"""The same facts in other words."""

from __future__ import annotations

from typing import Literal, TypeAlias

from agentops_eval.domain import Verdict
from agentops_eval.evals._evaluator import Evaluator
from agentops_eval.evals._verdicts import failing, listed, passing, shown, unknown
from agentops_eval.evals.answers._seen import over_text
from agentops_eval.evals.answers._texts import plain
from agentops_eval.evals.answers.facts import Fact, FactKind, Stated, Weighed, stated_in, weigh

MOST_READ = 100_000
"""Characters of an answer that is read for facts."""

MOST_FACTS = 2_000
"""Facts of one text, above which comparing each with each would take minutes."""

Kind: TypeAlias = Literal[
    "amount", "percent", "date", "time", "identifier", "email", "url", "phone", "number", "quote"
]


def answer(
    reference: str,
    *,
    allow_extra: bool | list[Kind] = False,
    ignore: list[Kind] | None = None,
    turn: int | None = None,
    field: str = "",
) -> Evaluator:
    """The answer states the facts of ``reference``, in whatever words.

    Every amount, percent, date, time, identifier, number, address and quoted name of the reference is in the
    answer, in any spelling; the answer adds no amount, percent, date, time, or identifier of the same thing,
    unless ``allow_extra`` (of all kinds, or of some); and it does not deny what the reference says, or the
    reverse. Kinds in ``ignore`` do not count. Unknown where the reference states nothing that can be told, or
    denies something of which the answer does not speak. The score is the share of the facts that are there.
    Raises ValueError for a reference of more than 2,000 facts.
    """
    kinds = frozenset(FactKind) - {FactKind(kind) for kind in ignore or []}
    allowed = frozenset(FactKind) if allow_extra is True else {FactKind(one) for one in allow_extra or []}
    wanted = stated_in(reference)
    if len(wanted.facts) > MOST_FACTS:
        raise ValueError(f"the reference states {len(wanted.facts):,} facts, more than {MOST_FACTS:,}")

    def judge(text: str) -> Verdict:
        if len(text) > MOST_READ:
            return failing(f"the answer has {len(text):,} characters; {MOST_READ:,} are read at most")
        if plain(text) == plain(reference):
            return passing("the answer is the reference")
        if not text.strip():
            return failing("the answer is empty")
        stated = stated_in(text)
        if len(stated.facts) > MOST_FACTS:
            return failing(f"the answer states {len(stated.facts):,} facts, more than {MOST_FACTS:,}")
        found = weigh(wanted, stated, kinds=kinds)
        return _verdict(found, wanted, [one for one in found.extra if one.kind not in allowed])

    return over_text(judge, turn=turn, field=field)


def _verdict(found: Weighed, wanted: Stated, extra: list[Fact]) -> Verdict:
    """Cases: other facts; what is denied; nothing to tell by; all there."""
    there = len(found.asked) - len(found.missing)
    score = there / len(found.asked) if found.asked else 1.0
    wrong = [*_differing([*found.missing], extra), *_turned(found)]
    if wrong:
        return failing(listed(wrong), score=score)
    if found.silent:
        unsaid = ", ".join(found.silent)
        return unknown(f"the reference denies something ({unsaid}) of which the answer does not speak")
    if found.asked:
        facts = "1 fact is" if there == 1 else f"{there} facts are"
        return passing(f"{facts} there: {', '.join(map(_text, found.asked[:5]))}")
    if wanted.topics and not found.unsaid:
        return passing(f"the answer says the same of {', '.join(wanted.topics)}")
    return unknown(
        "the reference states no fact that can be told from its words: take answer_contains, "
        "answer_similar or a judge"
    )


def _turned(found: Weighed) -> list[str]:
    """What is denied or no longer denied, once for each of the answer's clauses."""
    by_words: dict[str, list[str]] = {}
    for what, words in found.denied:
        by_words.setdefault(words, []).append(what)
    return [
        f"the answer turns round what is said of {', '.join(what[:3])}: {shown(words)}"
        for words, what in by_words.items()
    ]


def _differing(missing: list[Fact], extra: list[Fact]) -> list[str]:
    """What is said in whose place, kind by kind; then what is only missing, or only said."""
    told: list[str] = []
    for fact in list(missing):
        other = next((one for one in extra if one.kind is fact.kind or _is_money(fact, one)), None)
        if other is not None:
            missing.remove(fact)
            extra.remove(other)
            told.append(f"the answer says {_text(other)} where {_text(fact)} is expected")
    told += [f"the answer does not say {_text(fact)}" for fact in missing]
    return told + [f"the answer says {_text(fact)}, which is not expected" for fact in extra]


def _is_money(fact: Fact, other: Fact) -> bool:
    """Whether an amount is told without its currency."""
    return fact.kind is FactKind.AMOUNT and other.kind is FactKind.NUMBER


def _text(fact: Fact) -> str:
    return fact.text[:80]
