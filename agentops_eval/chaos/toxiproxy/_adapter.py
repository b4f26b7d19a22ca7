"""One adapter around toxiproxy-python, in which every server, timeout and error is its own.

Its objects are the package's, with the same methods. What differs: nothing is global, requests end in time,
names are quoted, errors of the server are raised with what to do about them, toxics are updated in place,
``down`` and every other change is taken back to what was there before, and a ledger knows how.
"""

from __future__ import annotations

import atexit
import itertools
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from agentops_eval.chaos.toxiproxy._client import TIMEOUT_S, Consumer, Exists, Missing, Unfit, package
from agentops_eval.chaos.toxiproxy._ledger import Ledger, LedgerHead
from agentops_eval.chaos.toxiproxy._proxies import Proxy
from agentops_eval.chaos.toxiproxy._restore import Restored, restore, take_back
from agentops_eval.chaos.toxiproxy._undo import Undo, put_proxy
from agentops_eval.domain import AgentopsError, Json, ToxiproxyRefused, nearest

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The proxies of a server with their toxics, as they were at one time."""

    proxies: tuple[Mapping[str, Json], ...]
    mark: int


class Toxiproxy(package.Toxiproxy):  # type: ignore[misc]  # published without type hints
    """A Toxiproxy server: the Go program, or an ``EmbeddedServer``.

    ``ledger`` is a file in which each change is written down before it is made, so that ``restore`` can take
    it back after a crash; what a process that is gone left in it is taken back first. ``close``, which a
    ``with`` statement and the end of the process call, takes everything back.

    Every method raises ToxiproxyUnreachable and ToxiproxyRefused.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:8474",
        *,
        timeout_s: float = TIMEOUT_S,
        ledger: str | os.PathLike[str] | None = None,
        embedded: bool = False,
    ) -> None:
        self._server = Consumer(url, timeout_s=timeout_s)
        self._embedded = embedded
        self._path = None if ledger is None else Path(ledger)
        if self._path is not None and self._path.exists() and self._path.stat().st_size:
            restore(self._path, timeout_s=timeout_s)
        self.ledger = Ledger.create(LedgerHead(server=self._server.url, embedded=embedded), self._path)
        self._process = os.getpid()
        atexit.register(self.close)

    def __repr__(self) -> str:
        return f"<Toxiproxy {self.url}: {len(self.ledger)} changes to take back>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """Where its API is."""
        return self._server.url

    @property
    def server(self) -> Consumer:
        """What speaks to it."""
        return self._server

    def close(self) -> None:
        """Take everything back, and let go of the server. Raises RestoreIncomplete."""
        atexit.unregister(self.close)
        if os.getpid() != self._process:  # a fork: its parent takes back
            return
        try:
            if len(self.ledger):
                self.rollback()
        finally:
            self.ledger.close()
            self._server.close()

    def rollback(self) -> Restored:
        """Take back every change that was made through this object. Raises RestoreIncomplete."""
        return take_back(self.ledger, self._server, path=self._path)

    def snapshot(self) -> Snapshot:
        """What there is now."""
        return Snapshot(proxies=tuple(self._listing().values()), mark=self.ledger.latest)

    def restore(self, snapshot: Snapshot) -> None:
        """Make it what it was: take back later changes of this object, and put back what others changed.

        Proxies that others have added since stay. Raises RestoreIncomplete.
        """
        take_back(self.ledger, self._server, since=snapshot.mark, path=self._path)
        for proxy in snapshot.proxies:
            put_proxy(self._server, proxy)

    def running(self) -> bool:
        """Whether a Toxiproxy server answers there."""
        try:
            self.version()
        except AgentopsError:
            return False
        return True

    def version(self) -> str:
        """The server's version."""
        found = self._server.ask("GET", "version")
        if not isinstance(found, Mapping) or not isinstance(found.get("version"), str):
            raise ToxiproxyRefused(
                "what answers is no Toxiproxy server",
                where=f"GET {self.url}/version",
                remedy="check the address",
            )
        return str(found["version"])

    def unique(self, name: str) -> str:
        """A name that no other process, worker of pytest-xdist or call gets."""
        worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
        return f"{name}.{worker}.{os.getpid()}.{next(_numbers)}.{secrets.token_hex(3)}"

    def proxies(self) -> dict[str, Proxy]:
        """Every proxy of the server by its name."""
        return {name: Proxy(self, state) for name, state in self._listing().items()}

    def proxy(self, name: str) -> Proxy:
        """The proxy of that name. Raises ToxiproxyRefused, which names the nearest."""
        found: Proxy | None = self.get_proxy(name)
        if found is None:
            raise Missing(
                f"there is no proxy {name!r}",
                where=self.url,
                remedy=nearest(name, self._listing()) or "create it",
            )
        return found

    def create(
        self,
        upstream: str,
        name: str,
        listen: str | None = None,
        enabled: bool | None = None,  # noqa: FBT001
    ) -> Proxy:
        """Add a proxy; it listens at a free port of 127.0.0.1 unless ``listen`` says otherwise."""
        self._server.check_name(name)
        if name in self._listing():
            raise _there(f"there is a proxy {name!r} already", self.url)
        wanted: dict[str, Json] = {
            "name": name,
            "upstream": upstream,
            "listen": listen or "127.0.0.1:0",
            "enabled": enabled is not False,
        }
        with self.changing(Undo(kind="remove-proxy", proxy=name)):
            return Proxy(self, _state(self._server.ask("POST", "proxies", body=wanted)))

    def populate(self, proxies: Sequence[Mapping[str, Any]]) -> list[Proxy]:
        """Add or replace proxies by the server's own ``/populate``; all of them, those that stay included.

        Each has ``name`` and ``upstream``, and may have ``listen`` and ``enabled``.
        """
        wanted = [{"listen": "127.0.0.1:0", **proxy} for proxy in proxies]
        there = self._listing()
        for proxy in wanted:
            self._server.check_name(str(proxy.get("name", "")))
        numbers = [
            self.ledger.intend(
                Undo(kind="put-proxy", proxy=name, state=there[name])
                if name in there
                else Undo(kind="remove-proxy", proxy=name)
            )
            for name in (str(proxy["name"]) for proxy in wanted)
        ]
        try:
            answer = self._server.ask("POST", "populate", body=wanted)
        except Unfit:  # it checked before it did anything
            self.ledger.settle(*numbers)
            raise
        found = answer.get("proxies") if isinstance(answer, Mapping) else None
        return [Proxy(self, _state(one)) for one in (found if isinstance(found, list) else ())]

    def destroy_all(self) -> None:
        """Remove every proxy. One that cannot be removed keeps no other; its error is raised last."""
        failed: ToxiproxyRefused | None = None
        for proxy in self.proxies().values():
            try:
                proxy.destroy()
            except ToxiproxyRefused as error:
                failed = error
        if failed is not None:
            raise failed

    def reset(self) -> bool:
        """Take all proxies up, and every toxic off."""
        numbers = [
            self.ledger.intend(Undo(kind="put-proxy", proxy=name, state=state))
            for name, state in self._listing().items()
            if not self.ledger.added(name) and (state["toxics"] or not state["enabled"])
        ]
        try:
            self._server.ask("POST", "reset")
        except Unfit:
            self.ledger.settle(*numbers)
            raise
        return True

    def update_api_consumer(self, host: str, port: int) -> None:
        """Speak to another server from now on; what was changed at this one is taken back first."""
        self.rollback()
        timeout_s, address = self._server.timeout_s, f"[{host}]" if ":" in host else host
        self._server.close()
        self._server = Consumer(f"http://{address}:{port}", timeout_s=timeout_s)
        self.ledger.close()
        head = LedgerHead(server=self._server.url, embedded=self._embedded)
        self.ledger = Ledger.create(head, self._path)

    @contextmanager
    def changing(self, undo: Undo) -> Iterator[int]:
        """Write ``undo`` down, then let the body make the change; forget it where the server refused.

        Where nobody knows what the server did, as after a timeout, it stays.
        """
        number = self.ledger.intend(undo)
        try:
            yield number
        except ToxiproxyRefused:
            self.ledger.settle(number)
            raise

    def _listing(self) -> dict[str, Mapping[str, Json]]:
        found = self._server.ask("GET", "proxies")
        if not isinstance(found, Mapping):
            raise ToxiproxyRefused(
                "what answers is no Toxiproxy server",
                where=f"GET {self.url}/proxies",
                remedy="check the address",
            )
        return {name: _state(state) for name, state in found.items()}


def _state(found: Json) -> Mapping[str, Json]:
    if not isinstance(found, Mapping) or not {"name", "listen", "upstream", "enabled"} <= found.keys():
        raise ToxiproxyRefused("the server described a proxy in an unknown way", remedy="check its version")
    return {"toxics": [], **found}


def _there(what: str, where: str) -> Exists:
    error = Exists(what, where=where, remedy="take toxiproxy.unique(name), or remove the one that is there")
    error.status = 409
    return error
