"""The effects that a run had on the world, net of what it took back, and how they differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from agentops_eval.chaos._texts import json_text, number_text
from agentops_eval.chaos.contracts import Contract, Reading, Undoes, told_by_fields
from agentops_eval.chaos.impact._side import Side
from agentops_eval.chaos.impact._values import scalars, told_apart
from agentops_eval.domain import (
    Effect,
    EffectChanges,
    EffectKey,
    Event,
    Failure,
    Json,
    Label,
    Seam,
    ToolRequest,
    ValueReply,
    shorten,
)

_CHANGES = (Effect.WRITE, Effect.EXTERNAL)
_CARRIERS = (Seam.TOOL, Seam.MCP)
_SHOWN = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Landed:
    """One effect that reached the world: by which call of the run, under which key."""

    at: int
    key: EffectKey
    body: str  # the arguments, whatever the key is

    def moved(self, at: int) -> Landed:
        """The same effect of another call."""
        return self if at == self.at else Landed(at=at, key=self.key, body=self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """All effects of a run: what landed, what of it stands, and what was taken back, in order."""

    landed: tuple[Landed, ...] = ()
    standing: tuple[Landed, ...] = ()
    undone: tuple[EffectKey, ...] = ()

    @property
    def counts(self) -> dict[EffectKey, int]:
        """How often each effect stands."""
        found: dict[EffectKey, int] = {}
        for one in self.standing:
            found[one.key] = found.get(one.key, 0) + 1
        return found


def ledger_of(side: Side, contract: Contract, *, known: Mapping[int, Landed] | None = None) -> Ledger:
    """What landed: calls that write and were answered, or reached their tool though the answer was lost.

    A call that a fault kept away did not land, nor did one whose tool raised by itself. Repeats under one
    idempotency key count once, unless the contract says that the tool does not mind the key. ``known`` are
    effects of the run of which this one's equal calls are twins, by position.
    """
    book = _Book(side, contract)
    for at, call in enumerate(side.calls):
        request = call.request
        if not isinstance(request, ToolRequest) or not is_write(call, contract):
            continue
        times = _times(side, at)
        if not times:
            book.tried.append(at)
            continue
        alike = known is not None and call.parent is None
        twin = known.get(side.twins.get(at, -1)) if alike and known else None
        found = _landed(side, at, request, contract) if twin is None else twin.moved(at)
        if repeats_are_harmless(request, call.boundary, contract):
            if found.key in book.once:
                continue
            book.once.add(found.key)
            times = 1
        for _ in range(times):
            book.enter(found)
    return Ledger(landed=tuple(book.landed), standing=tuple(book.standing), undone=tuple(book.undone))


def is_write(call: Event, contract: Contract) -> bool:
    """Whether a call changes the world: its tool says so, or the contract, which may also look away."""
    request = call.request
    if not isinstance(request, ToolRequest) or call.seam not in _CARRIERS:
        return False
    changes = request.effect in _CHANGES or call.boundary in contract.writes
    return changes and call.boundary not in contract.harmless


def repeats_are_harmless(request: ToolRequest, name: str, contract: Contract) -> bool:
    """Whether the same effect twice is once."""
    if name in contract.not_idempotent:
        return False
    return name in contract.idempotent or request.idempotency_key is not None


def _times(side: Side, at: int) -> int:
    """How often a call reached the world; not where its tool raised or says by itself that it failed.

    Unless what a fault took from such a tool is the answer to a call inside of it that was done.
    """
    call, landed = side.calls[at], side.hit.get(at)
    outcome = call.outcome
    if outcome is None:
        return landed or int(at in side.lost_within)
    if outcome.label is Label.SCRIPTED:
        return landed or 0 if isinstance(outcome, Failure) or landed is not None else 1
    if isinstance(outcome, Failure) or (isinstance(outcome, ValueReply) and _says_failed(outcome.value)):
        before = 0 if landed is None else max(0, landed - 1)  # at least the last time it was not done
        return before + int(at in side.lost_within)
    return landed if landed is not None else 1 if isinstance(outcome, ValueReply) else 0


def _says_failed(value: Json) -> bool:
    """Whether a tool's own answer says that it did nothing, by the fields that most have."""
    if not isinstance(value, Mapping):
        return False
    return value.get("isError") is True or told_by_fields(value) is Reading.FAILURE


def _landed(side: Side, at: int, request: ToolRequest, contract: Contract) -> Landed:
    call = side.calls[at]
    arguments = request.arguments
    if contract.volatile:
        arguments = {name: value for name, value in arguments.items() if name not in contract.volatile}
    body = json_text(arguments)
    key = body if request.idempotency_key is None else request.idempotency_key
    tenant = tenant_of(side, at, contract)
    return Landed(at=at, key=EffectKey(tool=call.boundary, tenant=tenant, key=key), body=body)


def tenant_of(side: Side, at: int, contract: Contract) -> str:
    """Whose a call is: what its own arguments say, else those of the calls around it; empty if nobody's."""
    own = _tenant_in(_fields(side.calls[at]), contract.tenant)
    if own or side.calls[at].parent is None:
        return own
    around = (_tenant_in(_fields(side.calls[up]), contract.tenant) for up in side.above(at))
    return next((name for name in around if name), "")


def _fields(call: Event) -> Json:
    request = call.request
    if isinstance(request, ToolRequest):
        return request.arguments
    return getattr(request, "message", None) or getattr(request, "details", None)


def _tenant_in(fields: Json, names: Iterable[str]) -> str:
    if not isinstance(fields, Mapping):
        return ""
    for name in names:
        value = fields.get(name)
        if isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return number_text(value)
    return ""


class _Book:
    """What stands while a run goes on. ``tried`` did not land, ``once`` are keys that count once."""

    def __init__(self, side: Side, contract: Contract) -> None:
        self._side, self._contract = side, contract
        self.landed: list[Landed] = []
        self.standing: list[Landed] = []
        self.undone: list[EffectKey] = []
        self.tried: list[int] = []
        self.once: set[EffectKey] = set()
        self._undoers: set[EffectKey] = set()

    def enter(self, one: Landed) -> None:
        """Add an effect, or take back with it the last one that it fits.

        A compensation that fits only a call that did not land took nothing back, and did nothing: who does
        not know whether a call landed has to take it back. What was taken back may be done again, and what
        took it back may be needed again, under the same keys.
        """
        self.landed.append(one)
        undoes = self._contract.compensates.get(one.key.tool)
        if undoes is None:
            self.standing.append(one)
            return
        fitting = (
            other
            for other in reversed(self.standing)
            if _fits(self._side, one, undoes, other.at, self._contract)
        )
        target = next(fitting, None)
        if target is not None:
            self.standing.remove(target)
            self.undone.append(target.key)
            if one.key in self.once:
                self._undoers.add(one.key)
            self.once -= {target.key, one.key}
            return
        if one.key in self._undoers:
            return  # a repeat of what took back already
        idle = next((at for at in self.tried if self._fits(one, undoes, at)), None)
        if idle is None:
            self.standing.append(one)
        else:
            self.tried.remove(idle)

    def _fits(self, one: Landed, undoes: Undoes, at: int) -> bool:
        return _fits(self._side, one, undoes, at, self._contract)


def _fits(side: Side, one: Landed, undoes: Undoes, at: int, contract: Contract) -> bool:
    """Whether a compensation means this call: by the named argument, else by any value of the call.

    What is of another tenant is never meant, nor what has another number under the same name, whatever its
    sign: a part is not taken back for the whole. Without a named argument some name has to be alike.
    """
    if side.calls[at].boundary != undoes.tool:
        return False
    tenants = {one.key.tenant, tenant_of(side, at, contract)} - {""}
    if len(tenants) > 1:
        return False
    mine, theirs = _arguments(side, one.at), _arguments(side, at)
    if undoes.by and (undoes.by not in theirs or theirs[undoes.by] != mine.get(undoes.by)):
        return False
    if _says_otherwise(_own(side, one.at, contract), _own(side, at, contract)):
        return False
    if undoes.by:
        return True
    values = told_apart(scalars(mine))
    return not values or not values.isdisjoint(
        told_apart([*scalars(theirs), *scalars(_answer(side.calls[at]))])
    )


def _own(side: Side, at: int, contract: Contract) -> dict[str, Json]:
    """The arguments that say what a call is about: no tenant, no idempotency key, nothing volatile."""
    request = side.calls[at].request
    key = request.idempotency_key if isinstance(request, ToolRequest) else None
    left_out = {*contract.tenant, *contract.volatile}
    return {
        name: value
        for name, value in _arguments(side, at).items()
        if name not in left_out and (key is None or value != key)
    }


def _says_otherwise(mine: Mapping[str, Json], theirs: Mapping[str, Json]) -> bool:
    shared = mine.keys() & theirs.keys()
    if any(_is_number(mine[name]) and _size(mine[name]) != _size(theirs[name]) for name in shared):
        return True
    return bool(shared) and all(mine[name] != theirs[name] for name in shared)


def _size(value: Json) -> Json:
    return abs(value) if isinstance(value, (int, float)) else value


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _arguments(side: Side, at: int) -> Mapping[str, Json]:
    request = side.calls[at].request
    return request.arguments if isinstance(request, ToolRequest) else {}


def _answer(call: Event) -> Json:
    return call.outcome.value if isinstance(call.outcome, ValueReply) else None


def named(key: EffectKey) -> str:
    """An effect as a reason names it: what is in its arguments may be of any length."""
    return str(replace(key, key=shorten(key.key, _SHOWN), tenant=shorten(key.tenant, _SHOWN)))


def changes(before: Mapping[EffectKey, int], run: Ledger) -> EffectChanges:
    """missing = M0 - M, extra = M - M0, duplicated = sum of max(0, m - max(1, m0)); ``before`` is M0."""
    after = run.counts
    if before == after:
        return EffectChanges(compensated=run.undone) if run.undone else _SAME
    missing: list[EffectKey] = []
    extra: list[EffectKey] = []
    duplicated: list[EffectKey] = []
    for key, count in after.items():
        usual = before.get(key, 0)
        missing += [key] * (usual - count)
        extra += [key] * (count - usual)
        duplicated += [key] * (count - max(1, usual))
    for key, usual in before.items():
        if key not in after:
            missing += [key] * usual
    return EffectChanges(
        missing=tuple(sorted(missing)),
        extra=tuple(sorted(extra)),
        duplicated=tuple(sorted(duplicated)),
        compensated=run.undone,
    )


_SAME = EffectChanges()
