"""What stands before a session's dispatcher: every request of the session is one crossing."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

from agentops_eval.domain import (
    Call,
    Effect,
    Failure,
    Json,
    McpRequest,
    Outcome,
    Patience,
    RunMisuse,
    Seam,
    ToolRequest,
    ValueReply,
    to_json,
)
from agentops_eval.domain.mcp import LIST_TOOLS, MCP_SAID, said_before, with_said, without_said
from agentops_eval.seams._clock import async_sleep
from agentops_eval.seams._errors import keep_error, revive_error
from agentops_eval.seams._handler import drive_async
from agentops_eval.seams._scope import Scope, current_scope, inside, refuse_stray, suspended
from agentops_eval.seams.mcp._manners import Life, Manners
from agentops_eval.seams.mcp._peer import ACKNOWLEDGED, Peer
from agentops_eval.seams.mcp._requests import (
    HANDSHAKE,
    ToolNote,
    boundary_of,
    notes_of,
    request_of,
    sendable,
    with_effects,
)
from agentops_eval.seams.mcp._sdk import Sdk

LISTEN = "subscriptions/listen"
_INITIALIZE = "initialize"
_INITIALIZED = "notifications/initialized"
_NOT_KEPT = frozenset({"notifications/cancelled", ACKNOWLEDGED})
_KEPT_OF_AN_ERROR = 3  # code, message, data


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the session asked, as the SDK has it and as the seam has it."""

    method: str
    params: Any
    request: ToolRequest | McpRequest


class SeamDispatcher:
    """The session's dispatcher, through the handlers of the run that asks; outside a run the SDK's alone."""

    def __init__(self, inner: Any, session: Any, sdk: Sdk) -> None:
        self._inner, self._session, self._sdk = inner, session, sdk
        self.endpoint = str(getattr(getattr(inner, "_write_stream", inner), "endpoint", ""))
        self.effects: dict[str, Effect] = {}
        self._notes: dict[str, ToolNote] = {}
        self._under_way: list[list[dict[str, Json]]] = []
        self._life = Life()
        self._idle: list[dict[str, Json]] = []
        self._peer: Peer | None = None
        self._greeting: Mapping[str, Any] | None = None  # of a handshake that no server has seen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    # -- what the session calls ---------------------------------------------------------------

    async def send_raw_request(self, method: str, params: Any, opts: Any = None) -> dict[str, Any]:
        """Ask the server, or whoever answers for it. Raises what the SDK raises."""
        scope = current_scope()
        if scope is None:
            refuse_stray(f"MCP {method}")
            answer: dict[str, Any] = await self._inner.send_raw_request(method, params, opts)
            return answer
        if method == LISTEN:
            return await self._listen(params, opts)
        return await self._cross(scope, method, params, dict(opts or {}))

    async def notify(self, method: str, params: Any, opts: Any = None) -> None:
        """Tell the server something, where there is one."""
        if _is_shut(current_scope()) or (method == _INITIALIZED and self._greeting is not None):
            return
        with suspended():
            await self._inner.notify(method, params, opts)

    async def run(
        self, on_request: Any, on_notify: Any, on_notify_intercept: Any = None, *, task_status: Any
    ) -> None:
        """Receive what the server says; in a replay, what it said."""
        if _is_shut(current_scope()):
            self._peer = Peer(self._sdk)
            try:
                await self._peer.run(on_request, on_notify, on_notify_intercept, task_status)
            finally:
                self._peer = None
            return

        def noting(method: str, params: Any) -> bool:
            if method not in _NOT_KEPT:
                self._note({"method": method, "params": to_json(params)})
            return on_notify_intercept is not None and bool(on_notify_intercept(method, params))

        async def answering(dctx: Any, method: str, params: Any) -> Any:
            note: dict[str, Json] = {"id": True, "method": method, "params": to_json(params)}
            self._note(note)
            try:
                answer = await on_request(dctx, method, params)
            except self._sdk.error as error:  # type: ignore[misc]
                told = {"code": error.code, "message": error.message, "data": error.data}
                note["error"] = to_json({name: value for name, value in told.items() if value is not None})
                raise
            note["result"] = to_json(answer)
            return answer

        await self._inner.run(answering, on_notify, noting, task_status=task_status)

    # -- one crossing -------------------------------------------------------------------------

    async def _cross(self, scope: Scope, method: str, params: Any, opts: dict[str, Any]) -> dict[str, Any]:
        request = request_of(method, params, self._server(method), with_effects(self._notes, self.effects))
        asked, patience = _Asked(method, params, request), Patience(read_s=opts.get("timeout"))
        call = scope.call(Seam.MCP, boundary_of(request), request, patience=patience)
        manners = Manners(method, opts.get("timeout"), scope.clock, self._life)
        reached = False

        async def world(call: Call) -> Outcome:
            nonlocal reached
            reached = True
            left = {} if manners.left_s is None else {"timeout": manners.left_s}
            return await self._ask(scope, call, asked, {**opts, **left})

        outcome = await drive_async(
            manners.within(scope.handlers),
            call,
            world,
            manners.sleep,
            settle=async_sleep,
        )
        if method == _INITIALIZE and not reached:
            self._greeting = params
        if not reached and self._peer is not None:
            await self._peer.say(_said_in(outcome), opts.get("on_progress"))
        answer = self._answer(outcome)
        if method == LIST_TOOLS:
            self._notes = {**self._notes, **notes_of(answer)}
        return answer

    async def _ask(self, scope: Scope, call: Call, asked: _Asked, opts: dict[str, Any]) -> Outcome:
        """Ask the real server, and keep what it says meanwhile."""
        said, self._idle = self._idle, []
        if "on_progress" in opts:
            opts["on_progress"] = _noting_progress(said, opts["on_progress"])
        self._under_way.append(said)
        try:
            with self._outside(scope, call):
                await self._greet_late(asked.method)
                sent = sendable(asked.request, call.request, asked.params)
                answer = await self._inner.send_raw_request(asked.method, sent, opts)
        except Exception as error:
            failure = keep_error(error)
            return failure if not said else _with_said(failure, to_json(said))
        finally:
            self._under_way = [one for one in self._under_way if one is not said]
        return ValueReply(value=with_said(to_json(answer), [dict(one) for one in said]))

    def _outside(self, scope: Scope, call: Call) -> AbstractContextManager[None]:
        """Where the server works: elsewhere, or inside of this call where it lives in this process."""
        if isinstance(self._inner, self._sdk.dispatcher):
            return suspended()
        return inside(span=scope.child_span(call.boundary), parent=call.index, apart=True)

    async def _greet_late(self, method: str) -> None:
        """Make up for a handshake that was answered from a recording, before the server is asked more."""
        params, self._greeting = self._greeting, None
        if params is not None and method not in HANDSHAKE:
            await self._inner.send_raw_request(_INITIALIZE, params, {"cancel_on_abandon": False})
            await self._inner.notify(_INITIALIZED, None)

    def _answer(self, outcome: Outcome) -> dict[str, Any]:
        if isinstance(outcome, Failure):
            raise outcome.native or self._revived(outcome)
        value = without_said(outcome.value) if isinstance(outcome, ValueReply) else None
        return dict(value) if isinstance(value, Mapping) else {}

    def _revived(self, failure: Failure) -> BaseException:
        code, *rest = (*failure.arguments[:_KEPT_OF_AN_ERROR], None, None)
        if failure.kind == "MCPError" and isinstance(code, int):
            return self._sdk.error(code, str(rest[0]), rest[1])
        return revive_error(failure, self._inner.send_raw_request)

    def _server(self, method: str) -> str:
        info = None if method in HANDSHAKE else getattr(self._session, "server_info", None)
        return (info.name if info is not None else "") or self.endpoint or "mcp"

    def _note(self, message: dict[str, Json]) -> None:
        """Keep what the server said with the request that it most likely belongs to."""
        (self._under_way[-1] if self._under_way else self._idle).append(message)

    async def _listen(self, params: Any, opts: Any) -> dict[str, Any]:
        """A subscription is no crossing: it never ends by itself, and what it brings comes with calls."""
        if self._peer is not None:
            await self._peer.listen((opts or {}).get("request_id"), params)
        with suspended():
            answer: dict[str, Any] = await self._inner.send_raw_request(LISTEN, params, opts)
            return answer


def mcp_effects(session: Any, effects: Mapping[str, Effect | str]) -> None:
    """Say what the tools of a session's server do to the world: ``read``, ``write`` or ``external``.

    It counts over what the server's own annotations say. ``session`` is a ClientSession, or a Client that
    was entered. Raises RunMisuse for anything else.
    """
    session = getattr(session, "session", session)
    dispatcher = getattr(session, "_dispatcher", None)
    if not isinstance(dispatcher, SeamDispatcher):
        raise RunMisuse(
            f"a {type(session).__name__} is no MCP session",
            remedy="pass the mcp.ClientSession that calls the tools",
        )
    dispatcher.effects.update({name: Effect(effect) for name, effect in effects.items()})


def _is_shut(scope: Scope | None) -> bool:
    return scope is not None and scope.shut


def _said_in(outcome: Outcome) -> Any:
    if isinstance(outcome, Failure):
        more = outcome.arguments[_KEPT_OF_AN_ERROR:]
        return said_before({"_meta": more[0]}) if more else ()
    return said_before(outcome.value) if isinstance(outcome, ValueReply) else ()


def _with_said(failure: Failure, said: Json) -> Failure:
    arguments = (*failure.arguments, None, None, None)[:_KEPT_OF_AN_ERROR]
    return replace(failure, arguments=(*arguments, {MCP_SAID: said}))


def _noting_progress(said: list[dict[str, Json]], callback: Any) -> Any:
    async def noting(progress: float, total: float | None, message: str | None) -> None:
        said.append({"progress": [progress, total, message]})
        await callback(progress, total, message)

    return noting
