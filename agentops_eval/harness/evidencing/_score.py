"""Scorecards of what a store holds: read once for all agents that are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agentops_eval.domain import Evidence, Scorecard, VerdictValue, ascii_json, moment_text
from agentops_eval.harness._chained import digest_of_text
from agentops_eval.harness.evidencing._agents import UNNAMED
from agentops_eval.harness.evidencing._items import Doubt, KeptEvidence, moment
from agentops_eval.harness.evidencing._read import Reading
from agentops_eval.harness.evidencing._sources import digest_of_file
from agentops_eval.scorecard import (
    Criteria,
    Scoring,
    extend,
    read_attestations,
    read_criteria,
    shipped_criteria,
)

_AHEAD = timedelta(minutes=5)
_AGAINST = (Doubt.TAMPERED, Doubt.RELEASE, Doubt.KIND, Doubt.SOURCE, Doubt.FUTURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreOrder:
    """Which criteria and signatures, and for which moment.

    ``criteria`` are files that extend the shipped criteria, one after the other.
    """

    root: Path
    criteria: Sequence[Path] = ()
    attestations: Sequence[Path] = ()
    at: datetime | None = None


def agents_shown(root: Path) -> tuple[str, ...]:
    """The agents that a store has evidence of, by their names; those without one are left out."""
    names = {kept.evidence.agent for kept in Reading(root) if kept.evidence is not None}
    return tuple(sorted(names - {"", UNNAMED}))


def load_criteria(files: Iterable[Path]) -> Criteria:
    """The shipped criteria, extended by files. Raises CriteriaInvalid."""
    found = shipped_criteria()
    for path in files:
        found = extend(found, read_criteria(path))
    return found


def score(order: ScoreOrder, agents: Sequence[str], *, unnamed: bool = False) -> Mapping[str, Scorecard]:
    """A scorecard for each agent. With ``unnamed`` what nobody is named in counts for all of them.

    Harm in which nobody is named always does: whose it is, is not known. What is wrong with an item never
    helps: one that would count against the agent does so all the same, and as of now where its clock was
    ahead.
    Raises CriteriaInvalid, AttestationInvalid, and OSError.
    """
    now = datetime.now(UTC)
    at = order.at or now
    text = moment_text(at)
    criteria = load_criteria(order.criteria)
    scorings = {agent: Scoring(criteria, agent, at=text) for agent in agents}
    every = list(scorings.values())
    for signed, digest in _signed(order, criteria):
        for one in every:
            one.add(signed, digest)
    for kept in Reading(order.root, now=at):
        if kept.doubt is Doubt.FUTURE and _has_come(kept, now):
            continue
        item = kept.evidence
        if item is not None:
            item = _as_counted(item, text, ahead_of=max(at, now), unnamed=unnamed)
        refused = _refused(kept)
        for one in every:
            if refused:
                one.refuse(refused)
            if item is not None and is_taken(kept):
                one.add(item, kept.digest)
    return {agent: one.scorecard() for agent, one in scorings.items()}


def _as_counted(item: Evidence, at: str, *, ahead_of: datetime, unnamed: bool) -> Evidence:
    if item.agent == UNNAMED and (unnamed or item.unsafe):
        item = replace(item, agent="")
    found = moment(item.at)
    ahead = found is not None and found > ahead_of
    return replace(item, at=at) if ahead and _is_against(item) else item


def _is_against(item: Evidence) -> bool:
    return item.unsafe or item.verdict is not VerdictValue.PASS


def _signed(order: ScoreOrder, criteria: Criteria) -> Iterable[tuple[Evidence, str]]:
    for path in order.attestations:
        signed = read_attestations(path, criteria)
        digest, shown = digest_of_file(path), path.as_posix()
        for one in signed:
            item = one.evidence(source=shown, source_digest=digest)
            told = {name: value for name, value in asdict(item).items() if isinstance(value, str)}
            yield item, digest_of_text(ascii_json(told).encode(), after="")


def _has_come(kept: KeptEvidence, now: datetime) -> bool:
    """Whether an item is later than the moment that is asked for, and no later than now."""
    at = None if kept.evidence is None else moment(kept.evidence.at)
    return at is not None and at <= now + _AHEAD


def is_taken(kept: KeptEvidence) -> bool:
    """Whether an item is taken: what is in force, what has expired, and what speaks against the agent.

    Of what has expired the scoring knows what to make.
    """
    if kept.doubt in (None, Doubt.EXPIRED):
        return True
    item = kept.evidence
    return item is not None and kept.doubt in _AGAINST and _is_against(item)


def _refused(kept: KeptEvidence) -> str:
    if kept.doubt in (None, Doubt.EXPIRED):
        return ""
    told = f"{kept.place}: {kept.reason}"
    return f"{told}; what speaks against the agent counts" if is_taken(kept) else told
