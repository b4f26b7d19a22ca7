"""Each rule finds the run that breaks it, and leaves alone the one that just does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentops_eval.traces.lint import RULES, Group, rules_page
from tests.traces.lint._cases import CASES
from tests.traces.lint._runs import Run

PAGE = Path(__file__).parents[3] / "docs/reference/lint-rules.md"


def test_every_rule_has_its_case():
    """No rule is without a run that breaks it and one that does not."""
    assert list(CASES) == list(RULES)


def test_the_clean_run_breaks_nothing():
    """A run that tells what lint asks for has a full score, in every group."""
    report = Run().lint()
    assert report.counts == {}
    assert [group.score for group in report.groups] == [1.0] * 9
    assert (report.score, report.conforming) == (1.0, report.emitting)


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_finds_what_breaks_it(rule):
    """The spoilt run has the finding, with level, message and span, and the other run does not."""
    spoil, keep = CASES[rule]
    report = spoil(Run()).lint()
    found = [one for one in (*report.findings, *report.emitted) if one.rule == rule]
    assert len(found) == report.counts[rule] >= 1
    assert {one.level for one in found} == {RULES[rule].level}
    assert all(one.message and one.where for one in found)
    assert all(one.span_id for one in found) == (rule != "AL803")
    assert (rule in {one.rule for one in report.emitted}) == (RULES[rule].group == Group.EMITTED)
    assert rule not in keep(Run()).lint().counts


def test_ids_begin_with_the_number_of_their_group():
    """AL4xx is about people, whatever rules are added; slugs are words."""
    groups = list(Group)
    assert all(groups[int(rule.id[2]) - 1] == rule.group for rule in RULES.values())
    assert len({rule.slug for rule in RULES.values()}) == len(RULES)


def test_the_page_of_rules_is_made_from_the_table():
    """docs/reference/lint-rules.md has a heading per rule with its level, and is what the table gives."""
    page = PAGE.read_text(encoding="utf-8")
    assert all(f"### {rule.id} {rule.slug} ({rule.level})\n" in page for rule in RULES.values())
    assert page == rules_page()


def test_rules_name_their_fix_and_what_they_mean():
    """Nothing in the table is empty, and sentences fit what the page and SARIF make of them."""
    for rule in RULES.values():
        assert rule.title
        assert rule.explanation.endswith(".")
        assert rule.fix
        assert not rule.title.endswith(".")
        assert not rule.fix.endswith(".")
