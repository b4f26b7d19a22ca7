"""Texts with variables: filled, and recognised when they were filled."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agentops_eval.domain import PromptInvalid
from agentops_eval.evals.prompts import Template
from tests.evals.prompts._kit import made

texts = st.text(alphabet="ab \n{}é", max_size=12)
templates = st.lists(st.one_of(texts, st.sampled_from(["{{x}}", "{{ y }}", r"\{{z}}"])), max_size=8).map(
    "".join
)


def test_variables_are_replaced_once():
    """What a value holds is not read again, and an escaped brace is a brace."""
    prompt = made(r"{{a}} and {{ b }}, not \{{a}}", head="variables: {a: null, b: x}")
    assert prompt.fill(a="{{b}}") == "{{b}} and x, not {{a}}"
    assert prompt.fill(a=1, b=2.5) == "1 and 2.5, not {{a}}"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "needs order"),
        ({"oder": "1"}, "did you mean 'order'?"),
        ({"order": None}, "was given NoneType"),
        ({"order": True}, "was given bool"),
    ],
    ids=["missing", "unknown", "none", "bool"],
)
def test_wrong_values_are_errors(values, said):
    """A variable that is missing, unknown or no text is an error that says what to do."""
    with pytest.raises(PromptInvalid) as caught:
        made("Order {{order}}").fill(**values)
    assert said in str(caught.value)


def with_values(text):
    """A text with a value for each of its variables, also for those that its letters happen to make."""
    return st.tuples(st.just(text), st.fixed_dictionaries(dict.fromkeys(Template.of(text).names, texts)))


@given(templates.flatmap(with_values))
@example(("{{a}}", {"a": "{{x}}"}))
@example(("a{{x}}b{{x}}b", {"x": "b"}))
def test_a_template_fits_what_it_fills(filled):
    """Whatever the values are, the filled text is recognised."""
    text, values = filled
    template = Template.of(text)
    assert template.fits(template.filled(values))


@given(st.lists(texts, min_size=2, max_size=5), texts)
def test_what_lacks_a_literal_does_not_fit(literals, text):
    """A text fits only where it holds every given part in its order."""
    template = Template(literals=tuple(literals), names=("x",) * (len(literals) - 1))
    place = 0
    for literal in literals:
        found = text.find(literal, place)
        if found < 0:
            assert not template.fits(text)
            return
        place = found + len(literal)


def test_a_text_must_begin_and_end_as_the_template_does():
    """Given parts at the ends stand at the ends, and do not overlap."""
    template = Template.of("aba{{x}}aba")
    assert [template.fits(text) for text in ("abaaba", "aba-aba", "ababa", "xabaaba", "abaabax")] == [
        True,
        True,
        False,
        False,
        False,
    ]


def test_hostile_templates_are_matched_in_one_pass():
    """Many variables with one letter between them do not multiply: every literal is looked for once."""
    template = Template.of("a".join(["{{x}}"] * 2000) + "b")
    assert not template.fits("a" * 100_000)
