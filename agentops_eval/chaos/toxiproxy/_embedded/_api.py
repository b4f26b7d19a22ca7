"""The HTTP API: which request does what, answered with Toxiproxy's statuses and error documents."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import unquote

from agentops_eval.chaos.toxiproxy._embedded._http import Answered, Asked, refusal
from agentops_eval.chaos.toxiproxy._embedded._registry import Registry
from agentops_eval.chaos.toxiproxy._embedded._toxics import Refused
from agentops_eval.domain import Json

VERSION = "2.12.0+agentops-eval"
"""The release of Toxiproxy whose API is spoken, and who speaks it."""

_WRITES = ("POST", "PATCH")


class Api:
    """Requests are answered one after the other, so that each sees the one before it done."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._turn = asyncio.Lock()

    async def answer(self, asked: Asked) -> Answered:
        """Do what is asked. Errors are answers."""
        if asked.headers.get("user-agent", "").startswith("Mozilla/"):
            return refusal(403, "User agent not allowed")  # so that no web page can reach it
        path = asked.path.partition("?")[0]
        try:
            parts = [unquote(part, errors="strict") for part in path.strip("/").split("/")]
        except UnicodeDecodeError:
            return refusal(400, "the path is not UTF-8")
        async with self._turn:
            try:
                return await self._route(asked, parts)
            except Refused as refused:
                return refusal(refused.status, refused.message)
            except Exception as error:  # a fault of ours breaks one request, not the server
                return refusal(500, f"{type(error).__name__} inside the server")

    async def _route(self, asked: Asked, parts: list[str]) -> Answered:
        registry = self._registry
        match parts:
            case ["version"]:
                return await _by_method(asked, GET=_giving({"version": VERSION}))
            case ["reset"]:
                return await _by_method(asked, POST=self._reset)
            case ["populate"]:
                return await _by_method(asked, POST=_making(registry.populate))
            case ["proxies"]:
                return await _by_method(asked, GET=_giving(registry.listing), POST=_making(registry.create))
            case ["proxies", name]:
                return await self._proxy(asked, name)
            case ["proxies", name, "toxics"]:
                return await self._toxics(asked, name)
            case ["proxies", name, "toxics", toxic]:
                return await self._toxic(asked, name, toxic)
            case _:
                raise Refused(404, "404 page not found")

    async def _proxy(self, asked: Asked, name: str) -> Answered:
        registry = self._registry
        if asked.method in _WRITES:
            return Answered(status=200, document=await registry.update(name, asked.json()))
        if asked.method == "DELETE":
            registry.delete(name)
            return Answered(status=204)
        return await _by_method(asked, GET=_giving(lambda: registry.proxy(name).to_json()))

    async def _toxics(self, asked: Asked, name: str) -> Answered:
        registry = self._registry
        if asked.method == "POST":
            return Answered(status=200, document=registry.add_toxic(name, asked.json()))
        return await _by_method(asked, GET=_giving(lambda: registry.proxy(name).to_json()["toxics"]))

    async def _toxic(self, asked: Asked, name: str, toxic: str) -> Answered:
        registry = self._registry
        if asked.method in _WRITES:
            return Answered(status=200, document=registry.update_toxic(name, toxic, asked.json()))
        if asked.method == "DELETE":
            registry.proxy(name).remove(toxic)
            return Answered(status=204)
        return await _by_method(asked, GET=_giving(lambda: registry.proxy(name).toxic(toxic).to_json()))

    async def _reset(self, asked: Asked) -> Answered:
        await self._registry.reset()
        return Answered(status=204)


_Action = Callable[[Asked], Awaitable[Answered]]


async def _by_method(asked: Asked, **actions: _Action) -> Answered:
    action = actions.get("GET" if asked.method == "HEAD" else asked.method)
    if action is None:
        raise Refused(405, f"{asked.method[:20]} is not allowed here")
    return await action(asked)


def _giving(document: Json | Callable[[], Json]) -> _Action:
    async def action(asked: Asked) -> Answered:
        return Answered(status=200, document=document() if callable(document) else document)

    return action


def _making(make: Callable[[Json], Awaitable[Json]]) -> _Action:
    async def action(asked: Asked) -> Answered:
        return Answered(status=201, document=await make(asked.json()))

    return action
