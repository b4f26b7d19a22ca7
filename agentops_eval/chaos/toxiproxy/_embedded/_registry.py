"""All proxies of a server, and what the API does with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agentops_eval.chaos.toxiproxy._embedded._addresses import Address, listening_address, upstream_address
from agentops_eval.chaos.toxiproxy._embedded._proxy import EmbeddedProxy, Limits
from agentops_eval.chaos.toxiproxy._embedded._toxics import (
    Refused,
    as_object,
    checked_name,
    read_toxic,
    text_of,
    updated_toxic,
)
from agentops_eval.domain import Json

_MOST_PROXIES = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    name: str
    listen: Address
    upstream: Address
    enabled: bool


class Registry:
    """Every method that takes a body raises Refused, and then nothing has changed but where it says so."""

    def __init__(self, *, seed: int, allowed: frozenset[str]) -> None:
        self._seed, self._allowed = seed, allowed
        self._limits = Limits()
        self._proxies: dict[str, EmbeddedProxy] = {}

    def listing(self) -> Json:
        """Every proxy by its name."""
        return {name: proxy.to_json() for name, proxy in sorted(self._proxies.items())}

    def proxy(self, name: str) -> EmbeddedProxy:
        """The proxy of that name."""
        if name not in self._proxies:
            raise Refused(404, "proxy not found")
        return self._proxies[name]

    async def create(self, body: Json) -> Json:
        """Add a proxy."""
        wanted = self._read(as_object(body))
        if wanted.name in self._proxies:
            raise Refused(409, "proxy already exists")
        return (await self._add(wanted)).to_json()

    async def populate(self, body: Json) -> Json:
        """Add or replace proxies; one that is there with the same addresses stays as it is.

        Everything is checked before anything is done. Where an address is taken, those before it are there.
        """
        if not isinstance(body, Sequence) or isinstance(body, str):
            raise Refused(400, "bad request body: a list is expected")
        wanted = [self._read(as_object(one), f" at proxy {place}") for place, one in enumerate(body, 1)]
        names = [one.name for one in wanted]
        if len(set(names)) < len(names):
            raise Refused(400, "bad request body: two proxies have one name")
        found = []
        for one in wanted:
            there = self._proxies.get(one.name)
            if there is None or (there.listen, there.upstream) != (one.listen, one.upstream):
                if there is not None:
                    self.delete(one.name)
                there = await self._add(one)
            found.append(there.to_json())
        return {"proxies": found}

    async def update(self, name: str, body: Json) -> Json:
        """Change a proxy's addresses, take it up or down."""
        proxy, fields = self.proxy(name), as_object(body)
        listen, upstream = text_of(fields, "listen"), text_of(fields, "upstream")
        await proxy.move(
            listening_address(listen) if listen else proxy.listen,
            upstream_address(upstream, self._allowed) if upstream else proxy.upstream,
            enabled=_flag(fields, "enabled", default=proxy.enabled),
        )
        return proxy.to_json()

    def delete(self, name: str) -> None:
        """Take a proxy down and forget it."""
        self.proxy(name).stop()
        del self._proxies[name]

    async def reset(self) -> None:
        """Take all proxies up, without toxics."""
        for proxy in self._proxies.values():
            await proxy.reset()

    def add_toxic(self, name: str, body: Json) -> Json:
        """Put a toxic on a proxy."""
        proxy, toxic = self.proxy(name), read_toxic(body)
        proxy.add(toxic)
        return toxic.to_json()

    def update_toxic(self, name: str, toxic: str, body: Json) -> Json:
        """Change a toxic of a proxy."""
        proxy = self.proxy(name)
        changed = updated_toxic(proxy.toxic(toxic), body)
        proxy.update(changed)
        return changed.to_json()

    def stop(self) -> None:
        """Take everything down."""
        for proxy in self._proxies.values():
            proxy.stop()

    def _read(self, fields: dict[str, Json], where: str = "") -> _Wanted:
        name, upstream = text_of(fields, "name"), text_of(fields, "upstream")
        for key, value in (("name", name), ("upstream", upstream)):
            if not value:
                raise Refused(400, f"missing required field: {key}{where}")
        return _Wanted(
            name=checked_name(name),
            listen=listening_address(text_of(fields, "listen")),
            upstream=upstream_address(upstream, self._allowed),
            enabled=_flag(fields, "enabled", default=True),
        )

    async def _add(self, wanted: _Wanted) -> EmbeddedProxy:
        if len(self._proxies) >= _MOST_PROXIES:
            raise Refused(400, f"this server holds at most {_MOST_PROXIES} proxies")
        proxy = EmbeddedProxy(
            wanted.name, wanted.listen, wanted.upstream, seed=self._seed, limits=self._limits
        )
        if wanted.enabled:
            await proxy.start()
        self._proxies[wanted.name] = proxy
        return proxy


def _flag(fields: dict[str, Json], key: str, *, default: bool) -> bool:
    value = fields.get(key)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise Refused(400, f"bad request body: {key} is to be true or false")
    return value
