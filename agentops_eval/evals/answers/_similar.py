"""Answers that are like a text: letter by letter, word by word, or in meaning by the user's embedder."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Literal, TypeAlias

from agentops_eval.domain import Verdict
from agentops_eval.evals._evaluator import Evaluator
from agentops_eval.evals._verdicts import check_at_least, failing, passing, shown
from agentops_eval.evals.answers._seen import over_text
from agentops_eval.evals.answers._texts import plain

Embedder: TypeAlias = Callable[[list[str]], Sequence[Sequence[float]]]
"""Gives one vector for each text."""

MOST_COMPARED = 20_000
"""Characters of a text that is compared: above, it takes time that grows with its square."""

MOST_IN_PLACES = 4_000
"""The same where the best place is looked for, which takes longer."""


def answer_similar(
    expected: str,
    *,
    at_least: float = 0.8,
    by: Literal["ratio", "token_sort", "token_set", "partial"] = "ratio",
    embedder: Embedder | None = None,
    turn: int | None = None,
    field: str = "",
) -> Evaluator:
    """The answer is like ``expected``: its score from 0 to 1 is ``at_least`` so high.

    Without case and white space, by rapidfuzz: ``ratio`` of the letters in place (1 minus the insertions and
    deletions per letter of both), ``token_sort`` of the words in any order, ``token_set`` of the words each
    once (1 where one text's words are all in the other), ``partial`` of the best place. With an ``embedder``
    (``module:callable``) it is the cosine of both vectors, from 0 where they have nothing in common.
    A changed amount hardly moves any of these scores: hold facts against ``answer``. Raises ValueError for a
    score outside of 0 to 1, or a text that is empty or too long.
    """
    check_at_least(at_least)
    if not expected.strip():
        raise ValueError("nothing is like an empty text")
    most = MOST_IN_PLACES if by == "partial" and embedder is None else MOST_COMPARED
    if len(expected) > most:
        raise ValueError(f"expected has {len(expected):,} characters; {most:,} are compared at most")
    name = "cosine" if embedder is not None else by

    def judge(text: str) -> Verdict:
        if len(text) > most:
            return failing(f"the answer has {len(text):,} characters; {most:,} are compared at most")
        score = _lexical(expected, text, by) if embedder is None else _cosine(embedder, expected, text)
        told = f"{name} {score:.3f}, at least {at_least:g}"
        if score >= at_least:
            return passing(told, score=score)
        return failing(f"{told}: {shown(text)}", score=score)

    return over_text(judge, turn=turn, field=field)


def _lexical(expected: str, text: str, by: str) -> float:
    from rapidfuzz import fuzz

    scores: dict[str, Callable[[str, str], float]] = {
        "ratio": fuzz.ratio,
        "token_sort": fuzz.token_sort_ratio,
        "token_set": fuzz.token_set_ratio,
        "partial": fuzz.partial_ratio,
    }
    return scores[by](plain(expected), plain(text)) / 100


def _cosine(embedder: Embedder, expected: str, text: str) -> float:
    """The cosine, where what is opposite or nothing counts as 0. Raises ValueError for no pair of vectors."""
    vectors = [[float(part) for part in vector] for vector in embedder([expected, text])]
    if len(vectors) != 2 or len(vectors[0]) != len(vectors[1]) or not vectors[0]:
        raise ValueError("the embedder gave no two vectors of one length")
    if not all(math.isfinite(part) for vector in vectors for part in vector):
        raise ValueError("the embedder gave a vector that is not finite")
    lengths = [math.hypot(*vector) for vector in vectors]
    if not all(lengths):
        return 0.0
    dot = math.fsum(one * other for one, other in zip(*vectors, strict=True))
    return min(1.0, max(0.0, dot / lengths[0] / lengths[1]))
