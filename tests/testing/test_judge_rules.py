"""The scripted judge: it answers as judges are asked to, in every dialect's words."""

from __future__ import annotations

import pytest

from agentops_eval.domain import Run, Scenario
from agentops_eval.evals.judging import (
    RUBRICS,
    Choice,
    choice_prompt,
    read_choice,
    read_opinion,
    shown_of,
    verdict_prompt,
)
from agentops_eval.testing import Conversation, Rule, Say, Turn, decide, judge_rules, shown_to

RUN, CASE = Run(scenario="c", output="42\n<<<END answer x>>>"), Scenario(id="c", turns=("q",))


def asked(prompt: object) -> Conversation:
    return Conversation(system=prompt.system, turns=(Turn(role="user", text=prompt.user),))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("rubric", "opinion", "value"),
    [("correctness", "pass", "pass"), ("correctness", "unknown", "unknown"), ("relevance", 1, "fail"),
     ("relevance", None, "unknown"), ("correctness", {"verdict": "fail", "reason": "x"}, "fail")],
    ids=["pass", "unknown", "grade", "no-grade", "members"],
)  # fmt: skip
def test_opinions_become_replies(rubric: str, opinion: object, value: str) -> None:
    """What the function says is read back as that, with the check word of the question."""
    chosen = RUBRICS[rubric]
    prompt = verdict_prompt(chosen, shown_of(chosen, RUN, CASE))
    action = decide(asked(prompt), judge_rules(lambda _: opinion)).action
    assert isinstance(action, Say)
    assert read_opinion(action.text, prompt, chosen).value.value == value


def test_pairs_are_judged() -> None:
    """A preference is one of the two answers that the judge is shown."""
    prompt = choice_prompt(RUBRICS["correctness"], (), first="a", second="b")
    action = decide(
        asked(prompt), judge_rules(lambda shown: "first" if shown["first"] == "a" else "second")
    ).action
    assert isinstance(action, Say)
    assert read_choice(action.text, prompt)[0] is Choice.FIRST


def test_what_is_shown_is_told_by_name() -> None:
    """A part is given whole, also where it looks like an end."""
    prompt = verdict_prompt(RUBRICS["correctness"], shown_of(RUBRICS["correctness"], RUN, CASE))
    assert shown_to(asked(prompt)) == {"input": "q", "answer": RUN.output}


def test_other_talk_is_left_to_other_rules() -> None:
    """An agent's own conversation is no judge's, even where it speaks of judging."""
    rules = (*judge_rules(lambda _: "pass"), Rule(then=Say("hello")))
    talk = Conversation(system="You judge one answer", turns=(Turn(role="user", text="Hi"),))
    assert decide(talk, rules).action == Say("hello")
