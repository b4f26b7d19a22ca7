"""Explorations as pages: findings, coverage by its numbers, bounded, and deaf to what anybody wrote."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.reports import exploration_html, exploration_view
from agentops_eval.reports._charts import Part, stacked
from tests.reports._results import HOSTILE
from tests.reports.chaos._impacts import exploration, impact
from tests.reports.chaos.test_graph import JSON
from tests.reports.test_page import HARMLESS, LOADS, Page, words_of


def page(document: Any) -> str:
    """The page of a document."""
    found = exploration_view(document)
    assert found is not None
    return exploration_html(found)


def said(document: Any) -> str:
    """What stands on it."""
    return words_of(page(document))


def test_findings_and_coverage_are_told_with_their_numbers() -> None:
    """Mode, harm, test and reach; of each size what was run, pruned, unreachable and cut; the audit."""
    told = said(exploration())
    for words in (
        "1 finding, and the search was wrong to prune 1 schedule, and not all was searched",
        "failed-unsafe",
        "duplicated-effect",
        "not contained",
        "One fault 30 schedules",
        "Two faults 310 schedules",
        "pruned: the cache goes away 5 16.6 %",
        "unreachable: the cache goes away 4 13.3 %",
        "cut by the budget 1 3.3 %",
        "330 of 332",
        "3 faults at once: 7 drawn and run",
        "3 pruned schedules run after all, 1 of them",
    ):
        assert words in told, words


@pytest.mark.parametrize(
    ("changes", "tone", "words"),
    [
        ({}, "unsafe", "1 finding"),
        ({"findings": []}, "short", "Nothing found, and the search was wrong"),
        ({"findings": [], "disagreements": []}, "unknown", "Nothing found, and not all was searched"),
        ({"findings": [], "disagreements": [], "whole": True}, "ready", "Nothing found"),
    ],
)
def test_a_search_that_was_cut_is_never_a_good_one(changes: dict[str, Any], tone: str, words: str) -> None:
    """Harm before findings, findings before silence; nothing found of a part is unknown."""
    html = page(exploration(**changes))
    assert f'class="banner {tone}"' in html
    assert words in words_of(html)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_anybody_wrote_is_text(text: str) -> None:
    """Hostile schedules, tools, effects, rules and notes change nothing of what the page is built of."""
    found, plain = Page(page(exploration(text))), Page(page(exploration(HARMLESS)))
    for one in (found, plain):
        del one.tags["wbr"]  # ours: where a long name may go on in the next line
    assert found.tags.keys() == plain.tags.keys()
    assert found.tags["script"] == 1
    assert found.attributes <= plain.attributes
    assert found.attributes & LOADS == set()


@pytest.mark.parametrize("text", ["", "x" * 100_000, "\ud800", "\x00\x1b[2J", "\u202eevil", "a\nb\r\nc"])
def test_odd_texts_are_kept_within_bounds(text: str) -> None:
    """Empty, enormous, unpaired and unprintable ones; the page stays small and can be written."""
    html = page(exploration(text))
    assert len(html.encode()) < 250_000
    assert "\x1b" not in html
    assert "\u202e" not in html


def test_many_findings_are_cut_and_counted() -> None:
    """A thousand findings make a page of the first hundred, which says how many there are."""
    html = page(exploration(findings=[{"impact": impact("a")}] * 1_000))
    assert "1,000" in html
    assert "and 900 more" in html
    assert len(html) < 3_000_000


@given(JSON)
def test_whatever_a_file_holds_is_read(value: Any) -> None:
    """Proofs that somebody changed give a page or none, and never an error."""
    for told in (
        value,
        {"coverage": {"singles": value, "further": value}, "findings": value, "notes": value},
    ):
        found = exploration_view(told)
        if found is not None:
            assert exploration_html(found)


@given(st.lists(st.integers(0, 10**9), max_size=12))
def test_parts_of_a_bar_fill_it_and_do_not_overlap(numbers: list[int]) -> None:
    """In their order from 0 to 100; the empty ones are left out."""
    found = stacked([Part(name=str(n), tone="run", number=n) for n in numbers])
    assert len(found) == sum(n > 0 for n in numbers)
    end = 0.0
    for one in found:
        assert one.at == pytest.approx(end, abs=0.011)
        assert 0 <= one.width <= 100
        end = one.at + one.width
    assert not found or end == pytest.approx(100, abs=0.02)
