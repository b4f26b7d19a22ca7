"""A run in Markdown, for an issue, a pull request or an incident's record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agentops_eval.reports._markdown import LIMIT, MOST_ROWS
from agentops_eval.reports._markup import Section, code, document, words
from agentops_eval.reports.trace._nouns import TraceStep, TraceStory
from agentops_eval.reports.trace._short import Sums, capital, figures, lead, short, sums
from agentops_eval.reports.trace._words import Line, Piece, is_wrapper, kind_word, lines, sentence, spent

_CELL = 500


def trace_markdown(story: TraceStory, *, limit: int = LIMIT) -> str:
    """What happened, in short and in figures, and the steps folded, in at most ``limit`` characters.

    Whatever agents, llms and tools said can be no link, mention, image or HTML. Of many steps the first are
    there, and the rest is counted.
    """
    total = sums(story.steps)
    opening = f"### What {code(story.title, 120) or 'a run'} did\n\n{_told(lead(story, total))}\n"
    opening += "".join(f"\n{words(capital(note), 300)}\n" for note in story.notes[:5])
    source = f"\nMade of {code(story.source, 200)}.\n" if story.source else ""
    return document(opening, _sections(story, total), source, limit=limit, most=MOST_ROWS)


def _sections(story: TraceStory, total: Sums) -> Iterator[Section]:
    yield Section(
        title="In short",
        head=("what", "told", "step"),
        rows=[(one.name, _told(one.pieces), _number(one)) for one in short(story, total)],
        right=frozenset({2}),
    )
    yield Section(
        title="In figures",
        head=("what", "how much"),
        rows=[
            (name, words(f"{figure} ({missing})" if missing else figure))
            for name, figure, missing in figures(story, total)
        ],
    )
    steps = [one for one in story.steps if not is_wrapper(one)]
    told = [_row(one) for one in steps[:MOST_ROWS]]
    yield Section(
        title="Step by step",
        head=("step", "what", "told", "beside it"),
        rows=[*told, *[()] * (len(steps) - len(told))],  # those are counted and never shown
        right=frozenset({0}),
        folded=True,
    )


def _row(one: TraceStep) -> tuple[str, str, str, str]:
    beside = [*map(_beside, lines(one)), words(", ".join(spent(one, labelled=True)))]
    return str(one.number), kind_word(one), _told(sentence(one)), "<br>".join(filter(None, beside))


def _told(pieces: Sequence[Piece]) -> str:
    """A sentence in a cell: what was said between quotes, all of it harmless."""
    told = (f"\u201c{one.text}\u201d" if one.mark == "q" else one.text for one in pieces)
    return words("".join(told), _CELL)


def _beside(one: Line) -> str:
    number = _number(one)
    return f"{words(one.name, 40)}: {_told(one.pieces)}{f' (step {number})' if number else ''}"


def _number(one: Line) -> str:
    return "" if one.step is None else str(one.step)
