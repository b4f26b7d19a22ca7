"""One rubric put to whoever judges, as an evaluator."""

from __future__ import annotations

from dataclasses import dataclass, replace

from agentops_eval.domain import ErrorSource, Json, Run, Scenario, Verdict, VerdictValue
from agentops_eval.evals.judging._conclude import about, conclude, conclude_pair, unknown
from agentops_eval.evals.judging._port import Judge, Override, current_judge
from agentops_eval.evals.judging._prompt import Prompt, choice_prompt, verdict_prompt
from agentops_eval.evals.judging._reading import Choice, Opinion, read_choice, read_opinion
from agentops_eval.evals.judging._rubric import Rubric, See
from agentops_eval.evals.judging._shown import Shown, missing, shown_of

MOST_SAMPLES = 99

NO_JUDGE = (
    "there is no judge: set base_url and llm under [tool.agentops.judge] in pyproject.toml, "
    "or run the evaluator within judged_by(judge)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """An evaluator: a rubric with how it is asked. It finds its judge when it is called.

    ``samples`` 0 stands for the judge's own number. ``swap`` asks which of the answer and the
    ``reference`` is better, in both orders. ``calibrated`` takes no verdict of a judge that is not
    known to agree with people.
    """

    rubric: Rubric
    reference: Json = None
    llm: str = ""
    samples: int = 0
    at_least: float | None = None
    swap: bool = False
    calibrated: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.samples <= MOST_SAMPLES:
            raise ValueError(f"samples is a number from 1 to {MOST_SAMPLES}, not {self.samples}")
        if self.at_least is not None and not (self.rubric.grades and not self.swap):
            raise ValueError(f"{self.rubric.id} passes or fails: at_least is for rubrics with grades")
        if self.at_least is not None and not 0 <= self.at_least <= 1:
            raise ValueError(f"at_least is a score from 0 to 1, not {self.at_least:g}")
        if self.swap and self.reference is None:
            raise ValueError("swap compares the answer with another one: give it as the reference")
        if self.swap and self.samples > 1:
            raise ValueError("swap asks twice, once in each order: leave samples out")

    def __call__(self, run: Run, scenario: Scenario) -> Verdict:
        """The verdict of the judge of this context, or unknown with what is missing."""
        judge = current_judge()
        clean = str if judge is None else judge.clean
        shown = shown_of(self.rubric, run, scenario, reference=self.reference, clean=clean)
        lacking = ", ".join(see.value for see in missing(self.rubric, shown))
        if lacking:
            return self._undecided(f"nothing to judge: the run has no {lacking}")
        if judge is None:
            return self._undecided(NO_JUDGE, source=ErrorSource.JUDGE)
        said = judge.override(self.rubric, run, scenario)
        if said is not None:
            return self._overridden(said)
        doubt = judge.distrust(self.rubric, llm=self.llm) if self.calibrated else ""
        if doubt:
            return unknown(self.rubric, doubt)
        found = self._compared(judge, shown) if self.swap else self._sampled(judge, shown)
        rubric, *rest = found.evidence
        return replace(found, evidence=(rubric, f"llm:{self.llm or judge.llm}", *rest))

    def _sampled(self, judge: Judge, shown: tuple[Shown, ...]) -> Verdict:
        opinions: list[Opinion] = []
        for sample in range(1, (self.samples or judge.samples) + 1):
            prompt = verdict_prompt(self.rubric, shown, sample=sample)
            reply = judge.ask(prompt, llm=self.llm, sample=sample)
            if reply.text is None:
                opinions.append(Opinion(problem=reply.problem))
            else:
                opinions.append(read_opinion(reply.text, prompt, self.rubric, shown, at_least=self.at_least))
        return conclude(self.rubric, opinions)

    def _compared(self, judge: Judge, shown: tuple[Shown, ...]) -> Verdict:
        ours = next(part.text for part in shown if part.see is See.ANSWER)
        nothing = (Run(scenario=""), Scenario(id=""))
        other = shown_of(_REFERENCE, *nothing, reference=self.reference, clean=judge.clean)
        if not other:
            return self._undecided("nothing to compare with: the reference is empty")
        theirs = other[0].text
        forth = self._chosen(judge, choice_prompt(self.rubric, shown, first=ours, second=theirs))
        back = self._chosen(judge, choice_prompt(self.rubric, shown, first=theirs, second=ours, sample=2))
        return conclude_pair(self.rubric, forth, back)

    def _chosen(self, judge: Judge, prompt: Prompt) -> tuple[Choice, str]:
        reply = judge.ask(prompt, llm=self.llm)
        return (Choice.UNKNOWN, reply.problem) if reply.text is None else read_choice(reply.text, prompt)

    def _overridden(self, said: Override) -> Verdict:
        judged = f" (the judge said {said.said.value})" if said.said is not VerdictValue.UNKNOWN else ""
        return Verdict(
            value=said.value,
            score=float(said.value is VerdictValue.PASS),
            reason=f"{said.role or 'a person'} says {said.value.value}: {said.why}{judged}",
            evidence=(about(self.rubric), "label"),
        )

    def _undecided(self, why: str, *, source: ErrorSource | None = None) -> Verdict:
        return Verdict(value=VerdictValue.UNKNOWN, reason=why, evidence=(about(self.rubric),), source=source)


_REFERENCE = Rubric(id="other", question="the other answer", sees=(See.REFERENCE,), needs=())
