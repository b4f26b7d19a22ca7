"""A judge over an llm: asked through the seams, answered from cassettes, overridden by people."""

from __future__ import annotations

import os
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import copy_context
from pathlib import Path
from types import TracebackType
from typing import Self

from agentops_eval.domain import (
    AgentopsError,
    Failure,
    HttpReply,
    HttpRequest,
    JudgeInvalid,
    Label,
    Run,
    Scenario,
    VerdictValue,
)
from agentops_eval.evals.judging import Override, Overrides, Prompt, Reply, Rubric, judged_by
from agentops_eval.harness._calibrations import read_trust
from agentops_eval.harness._judge_settings import JudgeSettings, load_judge_settings
from agentops_eval.harness._judge_store import RECORDING_NEEDED, Answering, AnswerStore, AnswerStores
from agentops_eval.harness._labels import LABELS, read_labels
from agentops_eval.harness._llm_client import ask_llm, request_of
from agentops_eval.harness._settings import RecordMode, Settings, load_settings
from agentops_eval.seams import Entropy, EventLog, RealClock, Scope, enter, install, leave


class Asked:
    """What one trial asked the judge.

    ``questions`` counts them; ``problem`` is the first error that an unreadable recording made.
    """

    def __init__(self, judge: LlmJudge, *, overrides: bool = True) -> None:
        self._judge, self._overrides = judge, overrides
        self._lock = threading.Lock()
        self._missing: dict[str, str] = {}
        self._unanswered: list[str] = []
        self.questions = 0
        self.problem: AgentopsError | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """One line for each question without a recorded answer: such a trial needs a recording."""
        return tuple(self._missing.values())

    @property
    def unanswered(self) -> tuple[str, ...]:
        """Why the llm gave no answer where it was asked: out of reach, busy, no key."""
        return tuple(self._unanswered)

    @property
    def llm(self) -> str:
        """The llm that is asked."""
        return self._judge.settings.llm

    @property
    def samples(self) -> int:
        """How many opinions make a verdict."""
        return self._judge.settings.samples

    def ask(self, prompt: Prompt, *, llm: str = "", sample: int = 1) -> Reply:
        """The reply to a prompt, recorded or live. What is missing is noted."""
        try:
            reply, key = self._judge.answer(prompt, llm=llm, sample=sample)
        except AgentopsError as error:  # a damaged recording is no verdict, and has to be told
            self.problem = self.problem or error
            reply, key = Reply(problem=error.what), ""
        with self._lock:
            self.questions += 1
            if key:
                self._missing[key] = f"{prompt.rubric}: {reply.problem}"
            elif reply.text is None:
                self._unanswered.append(reply.problem)
        return reply

    def clean(self, text: str) -> str:
        """A text as a recording may hold it: a secret is shown to no judge."""
        return self._judge.clean(text)

    def override(self, rubric: Rubric, run: Run, scenario: Scenario) -> Override | None:
        """What a person said of this answer under this rubric."""
        return self._judge.overrides.find(rubric, run, scenario) if self._overrides else None

    def distrust(self, rubric: Rubric, *, llm: str = "") -> str:
        """Why verdicts under this rubric cannot be relied on."""
        return self._judge.distrust(rubric, llm=llm)


class LlmJudge:
    """A judge over any OpenAI- or Anthropic-compatible endpoint.

    A context manager that saves what was answered, also where its body raises: the answers are paid
    for. ``judging()`` supplies it to evaluators and tells what one trial asked. Its calls stand in a
    scope of their own, never in the run of the agent that it judges. Thread-safe; each process has one.
    """

    def __init__(
        self,
        root: Path,
        settings: Settings,
        judge: JudgeSettings,
        *,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.root, self.settings = root, judge
        self._record = settings.record
        self._environ = os.environ if environ is None else environ
        self._stores = AnswerStores(root, settings)
        self.overrides = Overrides(read_labels(root / judge.folder / LABELS))
        self._trust: dict[tuple[str, str], str] = {}

    def __repr__(self) -> str:
        return f"<LlmJudge {self.settings.llm or 'without an llm'}, record={self._record.value}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.save()

    @contextmanager
    def judging(self, *, overrides: bool = True) -> Generator[Asked]:
        """Let this judge answer for the evaluators that the body runs, and tell what they asked.

        People's labels stand above its verdicts unless ``overrides`` is False, as where they measure it.
        Raises at its end what a damaged recording raised, which evaluators turn into unknown.
        """
        asked = Asked(self, overrides=overrides)
        with judged_by(asked):
            yield asked
        if asked.problem is not None:
            raise asked.problem

    def clean(self, text: str) -> str:
        """A text without secrets."""
        return self._stores.redactor.text(text)

    def save(self) -> Mapping[Path, int]:
        """Write what was answered since the last time; how many answers are new in which file."""
        return self._stores.save()

    def answer(self, prompt: Prompt, *, llm: str = "", sample: int = 1) -> tuple[Reply, str]:
        """The reply to a prompt, and the question's key where a recording is needed for it."""
        try:
            request = request_of(prompt, self.settings, llm=llm, sample=sample)
            store = self._stores.of(prompt.rubric)
            return copy_context().run(self._cross, store, request)
        except JudgeInvalid as error:
            return Reply(problem=f"{error.what}; fix: {error.remedy}"), ""

    def distrust(self, rubric: Rubric, *, llm: str = "") -> str:
        """Why verdicts under this rubric cannot be relied on; empty where its calibration holds."""
        key = (rubric.id, llm or self.settings.llm)
        if key not in self._trust:
            folder = self.root / self.settings.folder
            self._trust[key] = read_trust(folder, rubric, llm=key[1])
        return self._trust[key]

    def _cross(self, store: AnswerStore, request: HttpRequest) -> tuple[Reply, str]:
        """Ask in a scope of its own. In a copied context: whatever run the caller is in goes on after it."""
        install()
        clock = RealClock()
        log = EventLog(clock)
        asks = self._record is not RecordMode.NONE
        answering = Answering(store, asks=asks, anew=self._record is RecordMode.ALL)
        scope = Scope(
            handlers=(log, answering), clock=clock, entropy=Entropy(), name="judge", replaying=not asks
        )
        entry = enter(scope)
        try:
            found = ask_llm(request, self.settings, environ=self._environ)
        finally:
            log.seal()
            leave(entry)
        outcome = found.outcome
        if isinstance(outcome, Failure) and outcome.kind == RECORDING_NEEDED:
            return Reply(problem="no answer is recorded"), answering.key
        if isinstance(outcome, HttpReply) and found.reply.text is not None:
            event = log.events[-1]
            if event.label is Label.LIVE:
                store.keep(answering.key, event)
        return found.reply, ""


def open_judge(
    root: Path,
    *,
    settings: Settings | None = None,
    judge: JudgeSettings | None = None,
    environ: Mapping[str, str] | None = None,
) -> LlmJudge:
    """The judge of the project at ``root``, to be entered with ``with``.

    ``settings.record`` decides whom it asks: ``none`` (and in CI) nobody, ``once`` for what is not
    recorded, ``all`` for everything anew. Raises ConfigInvalid, and JudgeInvalid for labels that
    cannot be read.
    """
    found = settings or load_settings(root, environ=environ)
    return LlmJudge(root, found, judge or load_judge_settings(root), environ=environ)


def needs_recording(asked: Asked, value: VerdictValue) -> bool:
    """Whether a trial has to be recorded before anybody can say: something is missing, and nothing failed."""
    return bool(asked.missing) and value is not VerdictValue.FAIL
