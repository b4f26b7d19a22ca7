"""A candidate on a recorded run: the recording answers, and what would change the world is kept from it."""

from __future__ import annotations

import json
import threading
from collections.abc import Collection, Generator, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from agentops_eval.domain import (
    SHUT_ON_REPLAY,
    ApprovalRequest,
    Call,
    Chunk,
    DrawRequest,
    Effect,
    Event,
    Failure,
    HandoffRequest,
    HttpReply,
    HttpRequest,
    Json,
    KeptBody,
    Label,
    Outcome,
    Request,
    ToolRequest,
    ValueReply,
)
from agentops_eval.domain.mcp import tool_result, without_said
from agentops_eval.seams import Next, Step, Steps
from agentops_eval.traces.llm import llm_request

SAFE_METHODS = frozenset({"GET", "HEAD"})
"""HTTP methods that ask and change nothing."""

_TOLD = "this is a shadow run: nothing was carried out"


class Suppressed(StrEnum):
    """What a candidate is told of an effect that is not carried out: that it was accepted, or an error."""

    ACKNOWLEDGE = "acknowledge"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowCounts:
    """What a shadow run asked for. ``asked`` are calls of all kinds but hand-offs, clock and entropy.

    ``extra`` names the suppressed effects, ``missing`` the recorded ones that did not happen again.
    ``unsure`` are recorded calls that did not happen again and of which nobody says whether they act.
    ``left`` is the first call that the recording has no answer for, empty where there was none, and
    ``left_to_llm`` says that it asked an llm. ``effects`` counts the recorded calls that act, or may.
    """

    asked: int = 0
    answered: int = 0
    extra: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    left: str = ""
    left_to_llm: bool = False
    effects: int = 0

    @property
    def suppressed(self) -> int:
        """How many effects were not carried out."""
        return len(self.extra)

    @property
    def coverage(self) -> float:
        """The share of calls that were answered by the recording, by a branch of it, or by an llm."""
        return self.answered / self.asked if self.asked else 1.0


class Shadow:
    """Keeps one run of a candidate from the world. It stands before the player, which asks ``stand_in``.

    What the recording has no answer for, in this order:

    * A question to an llm goes out, where ``live_llms`` allows it.
    * What acts is suppressed: a tool call that is not known to read, a request that is no GET or HEAD.
      It is answered by ``told``, under the label ``synthesised``. The same idempotency key once more gets
      the same answer and is no second effect.
    * A tool that reads is asked the same again: it gets the same answer, if nothing acted since.
    * All else has left the recording, and is a miss.

    ``recorded`` are the events of the recording. ``acts`` and ``reads`` are names of tools, over what they
    say themselves. A tool acts where the recording or the candidate says so. Safe under threads.
    """

    def __init__(
        self,
        recorded: Sequence[Event],
        *,
        told: Suppressed = Suppressed.ACKNOWLEDGE,
        live_llms: bool = False,
        acts: Collection[str] = (),
        reads: Collection[str] = (),
    ) -> None:
        self._recorded = recorded
        self._told = told
        self._live_llms = live_llms
        self._acts, self._reads = frozenset(acts), frozenset(reads)
        self._lock = threading.Lock()
        self._effects: dict[str, set[Effect | None]] = {}
        self._read: dict[str, Outcome] = {}
        self._done: dict[str, Outcome] = {}
        self._asked = self._answered = 0
        self._extra: list[str] = []
        self._made: set[int] = set()
        self._left: Request | None = None
        for event in recorded:
            if isinstance(event.request, ToolRequest):
                self._effects.setdefault(event.request.name, set()).add(event.request.effect)

    def handle(self, call: Call, next: Next) -> Steps:
        """Pass the call on, and note what came of it."""
        request = call.request
        if isinstance(request, ToolRequest):
            with self._lock:
                self._effects.setdefault(request.name, set()).add(request.effect)
        counts = not isinstance(request, (DrawRequest, HandoffRequest))
        with self._lock:
            self._asked += counts
        outcome = yield next(call)
        assert outcome is not None
        with self._lock:
            self._answered += counts and call.index not in self._made
            self._note(request, outcome)
        return outcome

    def stand_in(self, call: Call, next: Next) -> Generator[Step, Outcome | None, Outcome | None]:
        """The answer to a call that the recording has none for; None where it has left the recording."""
        request = call.request
        if self._live_llms and isinstance(request, HttpRequest) and llm_request(request) is not None:
            return (yield next(call))
        with self._lock:
            if isinstance(request, ToolRequest):
                known = self._known(request)
                if known is not None:
                    return known
            if not self.may_act(request) or isinstance(request, ApprovalRequest):
                self._left = self._left or request
                return None
            self._extra.append(_named(request))
            self._made.add(call.index)
        return self._answer(request)

    def may_act(self, request: Request) -> bool:
        """Whether a request changes the world, or may: of an unknown tool nobody can say that it does not.

        An approval is no change of the world, and yet it has to be asked for again.
        """
        if isinstance(request, ToolRequest):
            return self._acting(request.name) is not False
        if isinstance(request, HttpRequest):
            return request.method.upper() not in SAFE_METHODS and llm_request(request) is None
        return isinstance(request, ApprovalRequest)

    def counts(self, taken: Collection[int]) -> ShadowCounts:
        """What the run did; ``taken`` are the indices of the recorded events that answered it."""
        recorded = [one for one in _outermost(self._recorded) if one.outcome and self.may_act(one.request)]
        acting = [one.request for one in recorded if one.index not in taken]
        unsure = [one for one in acting if isinstance(one, ToolRequest) and self._acting(one.name) is None]
        with self._lock:
            return ShadowCounts(
                asked=self._asked,
                answered=self._answered,
                extra=tuple(self._extra),
                missing=tuple(_named(one) for one in acting if one not in unsure),
                unsure=tuple(map(_named, unsure)),
                left="" if self._left is None else _named(self._left),
                left_to_llm=isinstance(self._left, HttpRequest) and llm_request(self._left) is not None,
                effects=len(recorded),
            )

    def _acting(self, name: str) -> bool | None:
        """Whether a tool acts; None where nobody says."""
        if name in self._acts or name in self._reads:
            return name in self._acts
        said = self._effects.get(name, set()) - {None}
        return None if not said else said != {Effect.READ}

    def _known(self, request: ToolRequest) -> Outcome | None:
        """The answer that the same question had, or the same act under its idempotency key."""
        if self._acting(request.name) is False:
            return self._read.get(_asking(request))
        return None if request.idempotency_key is None else self._done.get(_key(request))

    def _note(self, request: Request, outcome: Outcome) -> None:
        if not self.may_act(request):
            if isinstance(request, ToolRequest):
                self._read[_asking(request)] = outcome
            return
        self._read.clear()  # what was read may be otherwise now
        if isinstance(request, ToolRequest) and request.idempotency_key is not None:
            self._done.setdefault(_key(request), outcome)

    def _answer(self, request: Request) -> Outcome:
        refused = self._told is Suppressed.ERROR
        if isinstance(request, HttpRequest):
            body: Json = {"error": _TOLD} if refused else {"status": "accepted"}
            return HttpReply(
                status=503 if refused else 202,
                reason="Service Unavailable" if refused else "Accepted",
                headers=(("content-type", "application/json"),),
                body=KeptBody(chunks=(Chunk(json.dumps(body).encode()),)),
                label=Label.SYNTHESISED,
            )
        if isinstance(request, ToolRequest) and request.server:
            answer = tool_result(_TOLD if refused else "accepted", error=refused)
            value = answer if refused else self._like(request.name, answer)
            return ValueReply(value=value, label=Label.SYNTHESISED)
        if refused:
            label = Label.SYNTHESISED
            return Failure(
                kind="RuntimeError", module="builtins", message=_TOLD, arguments=(_TOLD,), label=label
            )
        assert isinstance(request, ToolRequest)
        value = self._like(request.name, {"status": "accepted"})
        return ValueReply(value=value, label=Label.SYNTHESISED)

    def _like(self, name: str, otherwise: Json) -> Json:
        """What the tool answered another call: an agent can read no other shape."""
        for event in self._recorded:
            asked, outcome = event.request, event.outcome
            if isinstance(asked, ToolRequest) and asked.name == name and isinstance(outcome, ValueReply):
                return without_said(outcome.value) if asked.server else outcome.value
        return otherwise


def _outermost(events: Sequence[Event]) -> Iterable[Event]:
    """Events that a replay asks for: what happened inside of tools is theirs."""
    inside: set[int] = set()
    for event in sorted(events, key=lambda one: one.index):
        if event.parent in inside:
            inside.add(event.index)
            continue
        if event.seam in SHUT_ON_REPLAY:
            inside.add(event.index)
        yield event


def _asking(request: ToolRequest) -> str:
    return f"{request.server} {request.name} {json.dumps(request.arguments, sort_keys=True, default=repr)}"


def _key(request: ToolRequest) -> str:
    return f"{request.server} {request.name} {request.idempotency_key}"


def _named(request: Request) -> str:
    """A request for people, not redacted."""
    if isinstance(request, ToolRequest):
        told = ", ".join(f"{name}={json.dumps(value)}" for name, value in request.arguments.items())
        return f"{request.name}({told})"
    if isinstance(request, HttpRequest):
        return f"{request.method} {request.url}"
    return f"approve {request.action}" if isinstance(request, ApprovalRequest) else type(request).__name__
