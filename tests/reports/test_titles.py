"""What evidence is about, in plain words: nothing that we write keeps its technical name as its title."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from agentops_eval.chaos.conformance.checks import CHECKS
from agentops_eval.chaos.kinds import CATALOGUE
from agentops_eval.domain import Mode
from agentops_eval.harness.evidencing._looks import LOOKS
from agentops_eval.harness.evidencing._looks_chaos import CHAOS_LOOKS
from agentops_eval.operations import Indicator
from agentops_eval.reports import plain_title
from agentops_eval.reports._titles import FAULTS, KINDS, MODES, SUBJECTS, faults_words, harm_words, mode_words

if TYPE_CHECKING:
    from collections.abc import Iterable


@pytest.mark.parametrize(
    ("told", "there"),
    [
        (FAULTS, CATALOGUE),
        (MODES, set(Mode)),
        (SUBJECTS["chaos.check"], CHECKS),
        (SUBJECTS["project"], {**LOOKS, **CHAOS_LOOKS}),
        ({one.partition("-")[0] if "latency" in one else one for one in SUBJECTS["slo"]}, set(Indicator)),
    ],
    ids=["faults", "modes", "checks", "looks", "indicators"],
)
def test_the_tables_have_words_for_all_that_there_is(told: Iterable[str], there: Iterable[str]) -> None:
    """A new fault, check, look or indicator needs words, and words of what is gone are taken away."""
    assert set(told) == set(there)


@pytest.mark.parametrize(
    ("kind", "subject", "title"),
    [
        ("chaos.check", "idempotency", "Rule: nothing is done twice"),
        ("chaos.check", "of-mine", "Rule: of-mine"),
        ("chaos.fault", "tool_error @/desk/get_rate#0", "Under a fault: a tool fails (get_rate)"),
        ("chaos.fault", "rate_limit(retry_after_s=9) #2-3", "Under a fault: too many requests"),
        ("chaos.fault", "something else", "Under a fault: something else"),
        ("project", "goldens", "Approved goldens of recordings"),
        ("slo", "latency-tool/get_order", "Objective: how long tools take: get_order"),
        ("gate", "{}{desk}", "Gate decision: {}{desk}"),
        ("of.mine", "{}", "of.mine {}"),
    ],
)
def test_a_title_tells_what_was_looked_at(kind: str, subject: str, title: str) -> None:
    """In words where a table has them, and as it is called where none has."""
    assert plain_title(kind, subject) == title
    assert all(words.count("{}") == 1 for words in KINDS.values())


def test_a_rule_that_failed_is_told_as_broken() -> None:
    """A finding under a rule's own words would read as if it held."""
    assert plain_title("chaos.check", "idempotency", failed=True) == "Broken rule: nothing is done twice"


def test_many_faults_are_told_in_short_and_harms_in_words() -> None:
    """Three faults have words and the rest is counted; a harm that nobody knows keeps its name."""
    told = "a tool fails (a); a tool fails (b); a tool fails (c); 2 more"
    assert faults_words(" + ".join(f"tool_error @{name}" for name in "abcde")) == told
    assert (harm_words("duplicated-effect"), harm_words("odd")) == ("something was done twice", "odd")


def test_a_mode_is_told_before_its_name() -> None:
    """What evidence of a fault says keeps the name that commands and documents know it by."""
    assert (
        mode_words("failed-unsafe: duplicated-effect: charge")
        == "it did harm: failed-unsafe: duplicated-effect: charge"
    )
    assert mode_words("it was not run") == "it was not run"
