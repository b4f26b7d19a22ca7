"""What a shadow session found, for people and for scripts."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agentops_eval.cli._output import line, many, plain, prose, say
from agentops_eval.domain import Json, VerdictValue

if TYPE_CHECKING:
    from agentops_eval.domain import Decision
    from agentops_eval.harness.shadowing import Pair, ShadowFiles

_SHOWN = 10
_WORDS = {VerdictValue.PASS: "passed", VerdictValue.FAIL: "failed", VerdictValue.UNKNOWN: "unknown"}
_STYLES = {VerdictValue.FAIL: "red", VerdictValue.UNKNOWN: "yellow"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The pairs of a session, and the runs that are in none with the reasons.

    ``by_effects`` says that no suite said what is expected.
    """

    pairs: Sequence[Pair]
    left_out: Sequence[tuple[str, str]]
    by_effects: bool

    @property
    def suppressed(self) -> int:
        """Effects that were not carried out, over all runs."""
        return sum(pair.candidate.counts.suppressed for pair in self.pairs)

    @property
    def coverage(self) -> float:
        """The share of the candidate's calls that were answered, over all runs."""
        asked = sum(pair.candidate.counts.asked for pair in self.pairs)
        answered = sum(pair.candidate.counts.answered for pair in self.pairs)
        return answered / asked if asked else 1.0


def shadow_json(told: Told, files: ShadowFiles, decision: Decision | None) -> dict[str, Json]:
    """The document of ``--json``; the rows themselves are in the files."""
    from agentops_eval.reports import decision_json

    return {
        "pairs": len(told.pairs),
        **_counts(told),
        "suppressed_effects": told.suppressed,
        "coverage": round(told.coverage, 6),
        "left_out": [{"run": run, "reason": reason} for run, reason in told.left_out],
        "baseline": str(files.baseline),
        "candidate": str(files.candidate),
        "decision": None if decision is None else decision_json(decision),
    }


def _counts(told: Told) -> dict[str, Json]:
    counted = Counter(pair.candidate.result.value for pair in told.pairs)
    return {word: counted[value] for value, word in _WORDS.items()}


def say_shadow(told: Told, files: ShadowFiles, *, again: str) -> None:
    """Say which runs did not pass and why, what was left out, and where the rows are.

    ``again`` is the command that asks llms, too.
    """
    open_ones = [pair for pair in told.pairs if not pair.candidate.result.passed]
    for pair in open_ones[:_SHOWN]:
        _say_pair(pair)
    if len(open_ones) > _SHOWN:
        say(f"and {len(open_ones) - _SHOWN} more, with their reasons in {plain(files.candidate)}")
    for run, reason in told.left_out[:_SHOWN]:
        prose(f"left out  {line(run)}: {line(reason)}", style="yellow")
    if len(told.left_out) > _SHOWN:
        say(f"and {len(told.left_out) - _SHOWN} more left out (--json lists all)", style="yellow")
    counts = ", ".join(f"{count} {word}" for word, count in _counts(told).items())
    say(f"{many(len(told.pairs), 'run')} of the candidate: {counts}")
    covered = math.floor(100 * told.coverage)  # 100 % means all
    say(f"{many(told.suppressed, 'effect')} suppressed; {covered} % of its calls were answered")
    _say_advice(told, again)
    say(f"rows: {plain(files.baseline)} {plain(files.candidate)}", style="dim")


def _say_pair(pair: Pair) -> None:
    result = pair.candidate.result
    reason = "; ".join(one.reason for one in result.verdicts if one.reason)
    if not reason and result.error is not None:
        reason = result.error.message
    prose(
        f"{_WORDS[result.value]:8}  {line(pair.case)}: {line(reason)}", hang=10, style=_STYLES[result.value]
    )


def _say_advice(told: Told, again: str) -> None:
    """What keeps many runs from a verdict, or makes their verdicts worth little."""
    asking = [pair.candidate for pair in told.pairs if pair.candidate.counts.left_to_llm]
    if asking:
        text = f"{many(len(asking), 'run')} asked llms what was not recorded; ask them once, outside of CI:"
        prose(text, style="yellow")
        say(f"  {plain(again)}")
    effects = sum(pair.candidate.counts.effects for pair in told.pairs) + told.suppressed
    if told.by_effects and told.pairs and not effects:
        advice = 'declare @tool(effect="write"), or name them with --acts'
        prose(f"no call of any run acts, as far as its tools say: {advice}", style="yellow")
