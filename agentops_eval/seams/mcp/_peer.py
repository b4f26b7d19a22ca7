"""The server's part in a replay: no process and no connection, only what the recording says it said.

A dispatcher of the SDK's own runs on streams in memory, so that notifications, progress and requests of
the server reach the session's callbacks by the same code, in the same tasks, as in the recording.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import Context, copy_context
from math import inf
from typing import Any

from agentops_eval.domain import Json, ReplayMiss
from agentops_eval.seams._callers import call_site
from agentops_eval.seams._scope import current_scope
from agentops_eval.seams.mcp._sdk import Sdk

Progress = Callable[[float, float | None, str | None], Awaitable[None]]

SUBSCRIPTION_ID = "io.modelcontextprotocol/subscriptionId"
ACKNOWLEDGED = "notifications/subscriptions/acknowledged"
_logger = logging.getLogger(__name__)
_TURNS = 3  # the reader takes it, its task begins, the caller goes on


class Peer:
    """Tells one session what its server said. ``run`` lasts as long as the session."""

    def __init__(self, sdk: Sdk) -> None:
        self._sdk = sdk
        self._asked = 0
        self._subscription: object = None
        self._tasks: Any = None
        self._context: Context | None = None
        streams = sdk.anyio.create_memory_object_stream
        self._to_session, read = streams(inf)
        write, self._from_session = streams(inf)
        self._dispatcher = sdk.dispatcher(read, write)
        self._turn = sdk.anyio.Lock()

    async def run(self, on_request: Any, on_notify: Any, intercept: Any, task_status: Any) -> None:
        """Stand in for the connection until the session is left."""
        async with self._to_session, self._from_session, self._sdk.anyio.create_task_group() as tasks:
            self._tasks, self._context = tasks, copy_context()
            try:
                await self._dispatcher.run(on_request, on_notify, intercept, task_status=task_status)
            finally:
                self._tasks = None
                tasks.cancel_scope.cancel()

    async def say(self, said: Sequence[Mapping[str, Json]], progress: Progress | None) -> None:
        """Let the session hear the messages in their order. Raises ReplayMiss for an answer that changed."""
        for one in said:
            if self._tasks is None:
                return
            if "progress" in one:
                self._progress(one["progress"], progress)
            elif "id" in one:
                await self._ask(one)
            else:
                self._tell(str(one.get("method")), one.get("params"))
            await self._let_run()

    async def listen(self, request_id: object, params: Mapping[str, Any] | None) -> None:
        """Acknowledge a subscription, and stay silent until it is given up: events come with calls."""
        self._subscription = request_id
        asked = (params or {}).get("notifications")
        self._tell(ACKNOWLEDGED, {"notifications": asked or {}, "_meta": {SUBSCRIPTION_ID: ""}})
        await self._sdk.anyio.sleep_forever()

    def _tell(self, method: str, params: Json) -> None:
        told: dict[str, Any] = {"jsonrpc": "2.0", "method": method}
        if isinstance(params, Mapping):
            meta = params.get("_meta")
            if isinstance(meta, Mapping) and SUBSCRIPTION_ID in meta:  # ids of subscriptions are drawn anew
                told["params"] = {**params, "_meta": {**meta, SUBSCRIPTION_ID: self._subscription}}
            else:
                told["params"] = params
        self._to_session.send_nowait(self._sdk.message(self._sdk.told(**told)))

    def _progress(self, told: Any, progress: Progress | None) -> None:
        if progress is None or not isinstance(told, Sequence) or isinstance(told, str) or len(told) != 3:
            return
        callback, (done, total, text) = progress, told

        async def tell() -> None:
            try:
                await callback(done, total, text)
            except Exception:
                _logger.exception("progress callback raised")

        assert self._context is not None
        self._context.run(self._tasks.start_soon, tell)

    async def _ask(self, one: Mapping[str, Json]) -> None:
        """Ask the session what its server asked, and wait for the same answer."""
        async with self._turn:
            self._asked += 1
            asked = {"jsonrpc": "2.0", "id": f"replayed-{self._asked}", "method": one.get("method")}
            if one.get("params") is not None:
                asked["params"] = one.get("params")
            self._to_session.send_nowait(self._sdk.message(self._sdk.asked(**asked)))
            answer: dict[str, Any] = {}
            while answer.get("id") != asked["id"]:
                got = await self._from_session.receive()
                answer = got.message.model_dump(by_alias=True, mode="json", exclude_unset=True)
        for part in ("result", "error"):
            if not _alike(one.get(part), answer.get(part)):
                raise _changed(str(one.get("method")), one.get(part), answer.get(part))

    async def _let_run(self) -> None:
        for _ in range(_TURNS):
            await self._sdk.anyio.lowlevel.checkpoint()


def _alike(recorded: Json, now: Json) -> bool:
    """Whether two answers are the same; what was redacted in the recording may be anything."""
    if isinstance(recorded, str) and "[redacted:" in recorded:
        return isinstance(now, str)
    if isinstance(recorded, Mapping) and isinstance(now, Mapping):
        return recorded.keys() == now.keys() and all(_alike(recorded[key], now[key]) for key in recorded)
    if isinstance(recorded, (list, tuple)) and isinstance(now, (list, tuple)):
        return len(recorded) == len(now) and all(map(_alike, recorded, now))
    return recorded == now


def _changed(method: str, recorded: Json, now: Json) -> ReplayMiss:
    miss = ReplayMiss(
        f"the MCP server asked for {method}, and was answered otherwise than when it was recorded: what it "
        "made of it is not known",
        reason="stale",
        where=call_site(),
        difference=f"recorded  {str(recorded)[:300]}\nthis run  {str(now)[:300]}",
        remedy="record the run again with --agentops-record=all",
    )
    scope = current_scope()
    if scope is not None:
        scope.remember(miss)
    return miss
