"""How a change to a server is taken back: written down before the change, applied after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast, get_args

from agentops_eval.domain import Json, ToxiproxyRefused

if TYPE_CHECKING:
    from agentops_eval.chaos.toxiproxy._client import Consumer

UndoKind = Literal["remove-proxy", "remove-toxic", "put-proxy", "put-toxic"]
_FIELDS = ("listen", "upstream", "enabled")
_TOXIC = ("name", "type", "stream", "toxicity", "attributes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """One step back: remove what was added, or put back ``state``, which is as the server showed it.

    A proxy's state without ``toxics`` says nothing about them.
    """

    kind: UndoKind
    proxy: str
    toxic: str = ""
    state: Mapping[str, Json] | None = None

    def __str__(self) -> str:
        what = f"toxic {self.toxic!r} of proxy {self.proxy!r}" if self.toxic else f"proxy {self.proxy!r}"
        return f"{'remove' if self.kind.startswith('remove') else 'put back'} {what}"

    def to_json(self) -> dict[str, Json]:
        """As a ledger keeps it."""
        return {"kind": self.kind, "proxy": self.proxy, "toxic": self.toxic, "state": self.state}


def read_undo(document: Json) -> Undo:
    """What ``to_json`` wrote. Raises ValueError."""
    if not isinstance(document, Mapping):
        raise ValueError("a step is an object")
    kind, proxy, toxic = (document.get(key) for key in ("kind", "proxy", "toxic"))
    state = document.get("state")
    if (
        kind not in get_args(UndoKind)
        or not isinstance(proxy, str)
        or not isinstance(toxic, str)
        or not proxy
    ):
        raise ValueError("it says neither what to do nor with what")
    if (state is None) != cast(str, kind).startswith("remove") or not isinstance(state, Mapping | None):
        raise ValueError("what was there before is missing")
    if cast(str, kind).endswith("toxic") and not toxic:
        raise ValueError("it names no toxic")
    if isinstance(state, Mapping) and not _is_whole(state, toxic=cast(str, kind) == "put-toxic"):
        raise ValueError("what was there before is not told whole")
    return Undo(kind=cast(UndoKind, kind), proxy=proxy, toxic=toxic, state=state)


def _is_whole(state: Mapping[str, Json], *, toxic: bool) -> bool:
    """Whether a state has a name, and its toxics all that it takes to make them."""
    toxics = [state] if toxic else toxics_of(state)
    return bool(state.get("name")) and all(one.keys() >= {*_TOXIC} for one in toxics)


def apply(undo: Undo, server: Consumer) -> bool:
    """Take the step; False where there was nothing left to do.

    Raises ToxiproxyUnreachable and ToxiproxyRefused.
    """
    if undo.kind == "remove-proxy":
        return _remove(server, "proxies", undo.proxy)
    if undo.kind == "remove-toxic":
        return _remove(server, "proxies", undo.proxy, "toxics", undo.toxic)
    assert undo.state is not None
    if undo.kind == "put-proxy":
        return put_proxy(server, undo.state)
    there = shown(server, undo.proxy)
    return there is not None and _put_toxic(server, there, undo.state)


def shown(server: Consumer, proxy: str) -> Mapping[str, Json] | None:
    """The proxy as the server shows it; None where there is none."""
    try:
        found = server.ask("GET", "proxies", proxy)
    except ToxiproxyRefused as error:
        if error.status == 404:
            return None
        raise
    return found if isinstance(found, Mapping) else None


def toxics_of(state: Mapping[str, Json]) -> list[Mapping[str, Json]]:
    """The toxics in a proxy's state."""
    found = state.get("toxics")
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list | tuple) else []


def put_proxy(server: Consumer, state: Mapping[str, Json]) -> bool:
    """Make a proxy what it was; False where it is."""
    name = str(state["name"])
    there = shown(server, name)
    changed = there is None
    if there is None:
        if not state.keys() >= {*_FIELDS}:  # only a part of it was changed, and all of it is gone
            return False
        server.ask("POST", "proxies", body={"name": name, **{key: state[key] for key in _FIELDS}})
        there = {}
    else:
        differing: dict[str, Json] = {
            key: state[key] for key in _FIELDS if key in state and there.get(key) != state[key]
        }
        if differing:
            changed = True
            server.ask("PATCH", "proxies", name, body=differing)
    if "toxics" not in state:
        return changed
    kept = {str(toxic["name"]) for toxic in toxics_of(state)}
    for toxic in toxics_of(there):
        if toxic["name"] not in kept:
            changed |= _remove(server, "proxies", name, "toxics", str(toxic["name"]))
    for toxic in toxics_of(state):
        changed |= _put_toxic(server, {**there, "name": name}, toxic)
    return changed


def _put_toxic(server: Consumer, proxy: Mapping[str, Json], state: Mapping[str, Json]) -> bool:
    name, at = str(state["name"]), ("proxies", str(proxy["name"]), "toxics")
    there = next((toxic for toxic in toxics_of(proxy) if toxic["name"] == name), None)
    if there is not None and dict(there) == dict(state):
        return False
    if there is not None and (there["type"], there["stream"]) == (state["type"], state["stream"]):
        changes: dict[str, Json] = {key: state[key] for key in ("toxicity", "attributes")}
        server.ask("PATCH", *at, name, body=changes)
        return True
    if there is not None:
        _remove(server, *at, name)
    server.ask("POST", *at, body=state)
    return True


def _remove(server: Consumer, *path: str) -> bool:
    try:
        server.ask("DELETE", *path)
    except ToxiproxyRefused as error:
        if error.status == 404:
            return False
        raise
    return True
