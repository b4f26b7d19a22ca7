"""What people said of verdicts: labels, which override the judge and measure it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agentops_eval.domain import Json, Run, Scenario, VerdictValue, to_json
from agentops_eval.evals.judging._port import Override
from agentops_eval.evals.judging._rubric import Rubric


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One person's word on one answer: ``label``, where the judge had said ``verdict``.

    ``rubric`` is its id with its digest (``correctness@1a2b...``): another text of it, or another answer,
    is another question, and the label says nothing about it. ``llm`` is who judged, ``role`` what the
    person is there, never who.
    """

    id: str
    label: VerdictValue
    verdict: VerdictValue
    suite: str
    case: str
    rubric: str
    answer_digest: str
    why: str
    trial: int = 1
    variant: str = ""
    role: str = "reviewer"
    llm: str = ""
    at: str = ""


Key = tuple[str, str, str, str]


class Overrides:
    """Labels by what they are about. The last one of equals holds."""

    def __init__(self, labels: Iterable[Label] = ()) -> None:
        self._labels: Mapping[Key, Label] = {
            (one.suite, one.case, one.rubric, one.answer_digest): one for one in labels
        }

    def __len__(self) -> int:
        return len(self._labels)

    @property
    def labels(self) -> tuple[Label, ...]:
        """The labels that hold, in the order in which their subjects were first labelled."""
        return tuple(self._labels.values())

    def find(self, rubric: Rubric, run: Run, scenario: Scenario) -> Override | None:
        """What was said of this answer to this case under this text of the rubric."""
        key = (run.suite or scenario.suite, scenario.id, rubric_key(rubric), answer_digest(run.output))
        found = self._labels.get(key)
        if found is None:
            return None
        return Override(value=found.label, why=found.why, role=found.role, said=found.verdict)


def rubric_key(rubric: Rubric) -> str:
    """A rubric's id with the digest of its text."""
    return f"{rubric.id}@{rubric.digest}"


def answer_digest(output: Json) -> str:
    """Sixteen hex digits of an answer; JSON that differs in the order of members only is the same."""
    text = json.dumps(to_json(output), sort_keys=True, ensure_ascii=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
