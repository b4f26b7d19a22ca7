"""Who answers a judge's questions: supplied from outside, because evaluators do no I/O."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol

from agentops_eval.domain import Run, Scenario, VerdictValue
from agentops_eval.evals.judging._prompt import Prompt
from agentops_eval.evals.judging._rubric import Rubric


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a judge said; where it said nothing ``text`` is None and ``problem`` says why."""

    text: str | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """What a person said of a verdict. It stands above the judge's, for the same answer and rubric."""

    value: VerdictValue
    why: str = ""
    role: str = ""
    said: VerdictValue = VerdictValue.UNKNOWN


class Judge(Protocol):
    """Answers prompts. Asked the same again it answers the same; nothing that it does raises.

    ``llm`` is the one that an expectation names, empty for the judge's own. ``samples`` is how many
    opinions are asked for where the expectation does not say.
    """

    @property
    def llm(self) -> str:
        """The llm that is asked where an expectation names none."""
        ...

    @property
    def samples(self) -> int:
        """How many opinions make a verdict."""
        ...

    def clean(self, text: str) -> str:
        """A text without secrets, before it is shown to anybody: equal texts stay equal."""
        ...

    def ask(self, prompt: Prompt, *, llm: str = "", sample: int = 1) -> Reply:
        """The reply to a prompt; each sample has a seed of its own."""
        ...

    def override(self, rubric: Rubric, run: Run, scenario: Scenario) -> Override | None:
        """What a person said of this very answer under this very rubric, None where nobody did."""
        ...

    def distrust(self, rubric: Rubric, *, llm: str = "") -> str:
        """Why its verdicts under a rubric cannot be relied on; empty where its calibration holds."""
        ...


_JUDGE: ContextVar[Judge | None] = ContextVar("agentops_judge", default=None)


def current_judge() -> Judge | None:
    """The judge of this task or thread."""
    return _JUDGE.get()


@contextmanager
def judged_by(judge: Judge | None) -> Generator[None]:
    """Let ``judge`` answer for the evaluators that the body runs, in this task or thread.

    ``asyncio.to_thread`` takes it along; an executor's ``submit`` does only with a copied context.
    """
    token = _JUDGE.set(judge)
    try:
        yield
    finally:
        _JUDGE.reset(token)
