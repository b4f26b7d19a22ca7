"""Proxies and toxics of a server, as objects of the package with what it lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from agentops_eval.chaos.toxiproxy._client import Exists, Missing, package
from agentops_eval.chaos.toxiproxy._undo import Undo, toxics_of
from agentops_eval.domain import Json, ToxiproxyRefused, nearest

if TYPE_CHECKING:
    from agentops_eval.chaos.toxiproxy._adapter import Toxiproxy


class Toxic(package.toxic.Toxic):  # type: ignore[misc]  # published without type hints
    """A toxic as the server showed it: ``type``, ``stream``, ``name``, ``toxicity``, ``attributes``."""

    name: str
    type: str
    stream: str
    toxicity: float
    attributes: Mapping[str, Json]

    def __repr__(self) -> str:
        values = ", ".join(f"{key}={value}" for key, value in self.attributes.items())
        return f"<Toxic {self.name}: {self.type}({values}) {self.stream}, toxicity {self.toxicity:g}>"

    def to_json(self) -> dict[str, Json]:
        """As the API writes it."""
        return {
            "name": self.name,
            "type": self.type,
            "stream": self.stream,
            "toxicity": self.toxicity,
            "attributes": self.attributes,
        }


class Proxy(package.proxy.Proxy):  # type: ignore[misc]  # published without type hints
    """A proxy of a server. What it shows is as of the last answer; ``refresh`` asks anew.

    Every method raises ToxiproxyUnreachable and ToxiproxyRefused.
    """

    name: str
    upstream: str
    listen: str
    enabled: bool

    def __init__(self, toxiproxy: Toxiproxy, state: Mapping[str, Json]) -> None:
        self._toxiproxy = toxiproxy
        self._show(state)

    def __repr__(self) -> str:
        state = "" if self.enabled else ", down"
        return f"<Proxy {self.name}: {self.listen} -> {self.upstream}{state}>"

    @property
    def address(self) -> tuple[str, int]:
        """Host and port to connect to."""
        host, _, port = self.listen.rpartition(":")
        return host.strip("[]"), int(port)

    def refresh(self) -> Proxy:
        """Ask the server what it is now."""
        self._show(self._state())
        return self

    def toxics(self) -> dict[str, Toxic]:
        """Its toxics by their names."""
        return {str(state["name"]): _toxic(state) for state in toxics_of(self._state())}

    @contextmanager
    def toxic(
        self,
        kind: str,
        /,
        *,
        stream: str = "downstream",
        name: str = "",
        toxicity: float = 1.0,
        **attributes: int,
    ) -> Iterator[Toxic]:
        """Put a toxic on for as long as the body runs: ``with proxy.toxic("latency", latency=800):``."""
        made = self.add_toxic(type=kind, stream=stream, name=name, toxicity=toxicity, attributes=attributes)
        try:
            yield made
        finally:
            with suppress(Missing):  # the body, or somebody else, has removed it
                self.destroy_toxic(made.name)

    def add_toxic(
        self,
        *,
        type: str,  # noqa: A002  # the package's word
        stream: str = "downstream",
        name: str = "",
        toxicity: float = 1.0,
        attributes: Mapping[str, int] | None = None,
    ) -> Toxic:
        """Put a toxic on; it is called after its type and stream where it has no name."""
        name = name or f"{type}_{stream}"
        self._toxiproxy.server.check_name(name)
        if name in self.toxics():
            error = Exists(
                f"there is a toxic {name!r} on {self.name!r} already",
                where=self._toxiproxy.url,
                remedy="update_toxic changes it; a second one of its type needs a name of its own",
            )
            error.status = 409
            raise error
        body: dict[str, Json] = {
            "name": name,
            "type": type,
            "stream": stream,
            "toxicity": toxicity,
            "attributes": dict(attributes or {}),
        }
        with self._toxiproxy.changing(Undo(kind="remove-toxic", proxy=self.name, toxic=name)):
            return _toxic(self._ask("POST", "toxics", body=body))

    def update_toxic(self, toxic_name: str, *, toxicity: float | None = None, **attributes: int) -> Toxic:
        """Change a toxic in place, on open connections too; what is not named stays as it is."""
        before = self._one(toxic_name)
        body: dict[str, Json] = {"attributes": attributes}
        if toxicity is not None:
            body["toxicity"] = toxicity
        undo = Undo(kind="put-toxic", proxy=self.name, toxic=toxic_name, state=before)
        with self._toxiproxy.changing(undo):
            return _toxic(self._ask("PATCH", "toxics", toxic_name, body=body))

    def destroy_toxic(self, toxic_name: str) -> bool:
        """Take a toxic off."""
        ledger = self._toxiproxy.ledger
        if steps := ledger.added(self.name, toxic_name):
            self._ask("DELETE", "toxics", toxic_name)
            ledger.settle(*steps)
            return True
        undo = Undo(kind="put-toxic", proxy=self.name, toxic=toxic_name, state=self._one(toxic_name))
        with self._toxiproxy.changing(undo):
            self._ask("DELETE", "toxics", toxic_name)
        return True

    def destroy(self) -> bool:
        """Remove the proxy."""
        ledger = self._toxiproxy.ledger
        if steps := ledger.added(self.name):
            self._ask("DELETE")
            ledger.settle(*steps)
            return True
        with self._toxiproxy.changing(Undo(kind="put-proxy", proxy=self.name, state=self._state())):
            self._ask("DELETE")
        return True

    def update(
        self, *, listen: str | None = None, upstream: str | None = None, enabled: bool | None = None
    ) -> None:
        """Listen elsewhere, lead elsewhere, go up or down; other addresses break its connections."""
        self._update(listen=listen, upstream=upstream, enabled=enabled)

    def enable(self) -> None:
        """Listen again."""
        self.update(enabled=True)

    def disable(self) -> None:
        """Break its connections, and refuse new ones."""
        self.update(enabled=False)

    @contextmanager
    def down(self) -> Iterator[Proxy]:
        """Be down for as long as the body runs, and then as before: a proxy that was down stays down."""
        before = bool(self._state()["enabled"])
        number = self._update(enabled=False)
        try:
            yield self
        finally:
            with suppress(Missing):  # the body has removed it
                self._show(self._ask("PATCH", body={"enabled": before}))
                self._toxiproxy.ledger.settle(number)

    def _update(self, **changes: str | bool | None) -> int:
        body: dict[str, Json] = {key: value for key, value in changes.items() if value is not None}
        before = {key: value for key, value in self._state().items() if key in {*body, "name"}}
        with self._toxiproxy.changing(Undo(kind="put-proxy", proxy=self.name, state=before)) as number:
            self._show(self._ask("PATCH", body=body))
        return number

    def _one(self, name: str) -> Mapping[str, Json]:
        found = toxics_of(self._state())
        for state in found:
            if state["name"] == name:
                return state
        raise Missing(
            f"there is no toxic {name!r} on {self.name!r}",
            where=self._toxiproxy.url,
            remedy=nearest(name, [str(state["name"]) for state in found]) or "add it",
        )

    def _state(self) -> Mapping[str, Json]:
        found = self._ask("GET")
        assert isinstance(found, Mapping)
        return found

    def _show(self, state: Json) -> None:
        assert isinstance(state, Mapping)
        self.name, self.upstream = str(state["name"]), str(state["upstream"])
        self.listen, self.enabled = str(state["listen"]), bool(state["enabled"])

    def _ask(self, method: str, *path: str, body: Json = None) -> Json:
        return self._toxiproxy.server.ask(method, "proxies", self.name, *path, body=body)


def _toxic(state: Json) -> Toxic:
    if not isinstance(state, Mapping) or not {"name", "type", "stream"} <= state.keys():
        raise ToxiproxyRefused("the server described a toxic in an unknown way", remedy="check its version")
    return Toxic(**dict(state))
