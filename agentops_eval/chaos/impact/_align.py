"""Which call of the faulted run is which of the fault-free one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from agentops_eval.chaos.impact._side import Side, same_asked, same_told


@dataclass(frozen=True, slots=True, kw_only=True)
class Aligned:
    """The pairs of two runs, and what differs.

    ``pairs`` maps positions of the run to those of the fault-free one; ``altered`` are the pairs that ask
    something else, ``answered`` those that were answered something else. ``retries`` are further calls that
    repeat a faulted one.
    """

    pairs: dict[int, int]
    altered: frozenset[int] = frozenset()
    answered: frozenset[int] = frozenset()
    retries: frozenset[int] = frozenset()
    added: tuple[int, ...] = ()
    missing: tuple[int, ...] = ()

    hit: frozenset[int] = field(default=frozenset())

    @property
    def changed(self) -> tuple[int, ...]:
        """The calls of the run that differ, less the faulted ones and their retries."""
        differing = self.altered | self.answered | set(self.added)
        return tuple(sorted(differing - self.hit - self.retries))


def align(base: Side, run: Side) -> Aligned:
    """Pair the calls of two runs.

    Cases, in this order: the same site that asks the same; of what is left, the longest common subsequence
    within each agent and task; the same site that asks something else.
    """
    pairs: dict[int, int] = {}
    left: list[int] = []
    theirs, calls, by_site = base.calls, run.calls, base.by_site
    answered: set[int] = set()
    for at, site in enumerate(run.sites):
        other = by_site.get(site, -1)
        if other >= 0 and same_asked(calls[at], theirs[other]):
            pairs[at] = other
            run.like(at, base, other)
        else:
            left.append(at)
    altered: set[int] = set()
    if left or len(pairs) < len(theirs):
        taken = set(pairs.values())
        over = [at for at in range(len(theirs)) if at not in taken]
        pairs.update(_in_order(base, run, over, left))
        altered = _by_site(base, run, pairs, left)
    for at, other in pairs.items():
        if not same_told(calls[at].outcome, theirs[other].outcome):
            answered.add(at)
    hit = frozenset(run.hit)
    added = tuple([at for at in left if at not in pairs])
    taken = set(pairs.values())
    return Aligned(
        pairs=pairs,
        altered=frozenset(altered),
        answered=frozenset(answered),
        retries=frozenset(_retries(run, hit, added)) if hit and added else frozenset(),
        added=added,
        missing=tuple([at for at in range(len(theirs)) if at not in taken]),
        hit=hit,
    )


def _in_order(base: Side, run: Side, over: Sequence[int], left: Sequence[int]) -> dict[int, int]:
    lanes: dict[tuple[str, str], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
    if not over or not left:
        return {}
    for at in over:
        lanes[base.lane(at)][0].append(at)
    for at in left:
        lanes[run.lane(at)][1].append(at)
    found: dict[int, int] = {}
    for theirs, mine in lanes.values():
        asked = [base.asked(at) for at in theirs]
        asking = [run.asked(at) for at in mine]
        found.update((mine[j], theirs[i]) for i, j in common(asked, asking))
    return found


def _by_site(base: Side, run: Side, pairs: dict[int, int], left: Iterable[int]) -> set[int]:
    """Pair what stands at the same site and asks something else; gives these calls of the run."""
    taken, altered = set(pairs.values()), set[int]()
    for at in left:
        other = base.by_site.get(run.sites[at])
        if at not in pairs and other is not None and other not in taken:
            pairs[at] = other
            taken.add(other)
            altered.add(at)
    return altered


def _retries(run: Side, hit: frozenset[int], added: Iterable[int]) -> Iterable[int]:
    first: dict[str, int] = {}
    for at in sorted(hit):
        first.setdefault(run.asked(at), at)
    return (at for at in added if first.get(run.asked(at), at) < at)


def common(one: Sequence[str], other: Sequence[str]) -> list[tuple[int, int]]:
    """The longest common subsequence, as pairs of places; of several the one that begins first."""
    begin = 0
    while begin < min(len(one), len(other)) and one[begin] == other[begin]:
        begin += 1
    end_one, end_other = len(one), len(other)
    while min(end_one, end_other) > begin and one[end_one - 1] == other[end_other - 1]:
        end_one, end_other = end_one - 1, end_other - 1
    begun = [(at, at) for at in range(begin)]
    ended = list(zip(range(end_one, len(one)), range(end_other, len(other)), strict=True))
    known = set(one[begin:end_one]) & set(other[begin:end_other])
    rows = [at for at in range(begin, end_one) if one[at] in known]
    columns = [at for at in range(begin, end_other) if other[at] in known]
    return begun + _common(one, other, rows, columns) + ended if known else begun + ended


def _common(
    one: Sequence[str], other: Sequence[str], rows: Sequence[int], columns: Sequence[int]
) -> list[tuple[int, int]]:
    """The longest common subsequence of these places, by the table of lengths from their ends."""
    table = [[0] * (len(columns) + 1) for _ in range(len(rows) + 1)]
    for i in range(len(rows) - 1, -1, -1):
        line, below, text = table[i], table[i + 1], one[rows[i]]
        for j in range(len(columns) - 1, -1, -1):
            line[j] = below[j + 1] + 1 if text == other[columns[j]] else max(below[j], line[j + 1])
    found: list[tuple[int, int]] = []
    i = j = 0
    while i < len(rows) and j < len(columns):
        if one[rows[i]] == other[columns[j]]:
            found.append((rows[i], columns[j]))
            i, j = i + 1, j + 1
        elif table[i + 1][j] >= table[i][j + 1]:
            i += 1
        else:
            j += 1
    return found
