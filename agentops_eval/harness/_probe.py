"""The child's side of the determinism audit: note what a run asks for and reads, varied or plain."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import msgspec

from agentops_eval.domain import Call, ConfigInvalid, DrawRequest, HttpRequest, to_json
from agentops_eval.replay import Factor, MatchRules, Perturb, Probe, ProbeCall, ProbeRead, canonical_request
from agentops_eval.seams import Handler, Next, ReadLog, Steps, auditing, call_site, shuffling
from agentops_eval.traces.redaction import Redactor

PROBE_VARIABLE = "AGENTOPS_PROBE"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeOrder:
    """What a child is told: the factor to vary, where to write, which reads are declared."""

    factor: Factor
    out: str
    intentional: tuple[str, ...] = ()


def probe_order(environ: Mapping[str, str]) -> ProbeOrder | None:
    """Read the order that a parent process left for this one; None in an ordinary run."""
    path = environ.get(PROBE_VARIABLE)
    if not path:
        return None
    try:
        return msgspec.json.decode(Path(path).read_bytes(), type=ProbeOrder)
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigInvalid(f"{PROBE_VARIABLE} cannot be read: {error}", where=path) from None


class RunProbe:
    """Watches one run on behalf of an audit: opened and closed with it, then written out."""

    def __init__(self, order: ProbeOrder, rules: MatchRules, redactor: Redactor) -> None:
        self._order = order
        self._reads = ReadLog(intentional=order.intentional)
        self._sites = _CallSites(rules, redactor)
        self._stack = ExitStack()

    @property
    def handlers(self) -> tuple[Handler, ...]:
        """What stands between the event log and the player."""
        if self._order.factor in (Factor.TIME, Factor.ENTROPY):
            return (self._sites, Perturb(self._order.factor))
        return (self._sites,)

    def open(self) -> None:
        """Begin to watch the calling context."""
        self._stack.enter_context(auditing(self._reads))
        if self._order.factor is Factor.TASK_ORDER:
            self._stack.enter_context(shuffling(1))

    def close(self, outcome: str) -> None:
        """Stop watching, and write what was seen for the parent process."""
        self._stack.close()
        reads = tuple(
            ProbeRead(
                factor=read.factor,
                site=read.site,
                detail=read.detail,
                count=read.count,
                intentional=read.intentional,
            )
            for read in self._reads.reads
        )
        probe = Probe(calls=tuple(self._sites.calls), reads=reads, outcome=outcome)
        Path(self._order.out).write_bytes(msgspec.json.encode(probe))


class _CallSites:
    """A handler that notes every call's canonical request and the line behind it."""

    def __init__(self, rules: MatchRules, redactor: Redactor) -> None:
        self._rules = rules
        self._redactor = redactor
        self.calls: list[ProbeCall] = []

    def handle(self, call: Call, next: Next) -> Steps:
        """Note the call, then pass it on; draws are noted where they are read."""
        if not isinstance(call.request, DrawRequest):
            self.calls.append(
                ProbeCall(
                    seam=call.seam.value,
                    boundary=call.boundary,
                    span=call.span,
                    request=self._text(call),
                    site=call.site or call_site(),
                )
            )
        outcome = yield next(call)
        assert outcome is not None
        return outcome

    def _text(self, call: Call) -> str:
        request = canonical_request(call.request, rules=self._rules, redactor=self._redactor)
        if isinstance(request, HttpRequest):
            return f"{request.method} {request.url} {request.body.decode('utf-8', 'backslashreplace')}"
        return msgspec.json.encode(to_json(request), order="sorted").decode()
