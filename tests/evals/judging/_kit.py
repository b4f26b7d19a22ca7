"""A judge in memory, and runs to judge."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field

from agentops_eval.domain import Run, Scenario
from agentops_eval.evals.judging import Override, Prompt, Reply, Rubric


@dataclass
class Judge:
    """Answers by a function of the prompt and the sample; keeps what it was asked."""

    says: Callable[[Prompt, int], str | None]
    samples: int = 1
    llm: str = "judge-1"
    said: Override | None = None
    doubt: str = ""
    secret: str = ""
    asked: list[tuple[Prompt, str, int]] = field(default_factory=list)

    def clean(self, text: str) -> str:
        return text.replace(self.secret, "[gone]") if self.secret else text

    def ask(self, prompt: Prompt, *, llm: str = "", sample: int = 1) -> Reply:
        self.asked.append((prompt, llm, sample))
        text = self.says(prompt, sample)
        return Reply(problem="out of reach") if text is None else Reply(text=text)

    def override(self, rubric: Rubric, run: Run, scenario: Scenario) -> Override | None:
        return self.said

    def distrust(self, rubric: Rubric, *, llm: str = "") -> str:
        return self.doubt


def reply(prompt: Prompt, **members: object) -> str:
    """A reply that repeats the check word."""
    return json.dumps({"check": prompt.check, "reason": "so it is", **members})


def passing(prompt: Prompt, sample: int) -> str:
    """A judge to whom everything is right."""
    return reply(prompt, verdict="pass")


def run(output: object = "The total is 42 EUR.", **more: object) -> Run:
    """A run that ended with an answer."""
    return Run(scenario="case", output=output, **more)


ASKED = Scenario(id="case", turns=("What is the total?",))
