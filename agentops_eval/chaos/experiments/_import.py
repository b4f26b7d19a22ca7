"""Experiments of Chaos Toolkit become ours: what has to be is converted, and all of it is told. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from agentops_eval.chaos.experiments._fields import ExperimentFields
from agentops_eval.domain import Json

_SHELL = re.compile(r"[|&;<>`$*?]")
_TOXIC = "chaostoxi.toxic.actions"
_PROXY, _PROBES = "chaostoxi.proxy.actions", "chaostoxi.proxy.probes"
_TOXICS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "create_latency_toxic": ("latency", {"latency": "latency", "jitter": "jitter"}),
    "create_bandwith_degradation_toxic": ("bandwidth", {"rate": "rate"}),
    "create_slow_connection_close_toxic": ("slow_close", {"delay": "delay"}),
    "create_timeout_toxic": ("timeout", {"timeout": "timeout"}),
    "create_slicer_toxic": (
        "slicer",
        {"average_size": "average_size", "size_variation": "size_variation", "delay": "delay"},
    ),
    "create_limiter_toxic": ("limit_data", {"bytes_limit": "bytes"}),
}
"""Functions of chaostoolkit-toxiproxy: the toxic that each puts on, and what its arguments are called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportNote:
    """What was changed, or left out where ``kept`` is false."""

    where: str
    what: str
    kept: bool = True


def import_experiment(document: Mapping[str, Json]) -> tuple[dict[str, Json], tuple[ImportNote, ...]]:
    """The experiment as we read it, and what was changed about it. A journal gives its experiment."""
    notes: list[ImportNote] = []
    inner = document.get("experiment")
    if "method" not in document and isinstance(inner, Mapping):
        notes.append(ImportNote(where="", what="the experiment of a journal was taken"))
        document = inner
    known = {field.encode_name for field in msgspec.structs.fields(ExperimentFields)}
    made: dict[str, Json] = {}
    for name, value in document.items():
        if name in known:
            made[name] = value
        else:
            notes.append(ImportNote(where=name, what="nothing here has this field", kept=False))
    server = _server(made.get("configuration"))
    for name in ("method", "rollbacks"):
        if name in made:
            made[name] = _activities(made[name], name, server, notes)
    hypothesis = made.get("steady-state-hypothesis")
    if isinstance(hypothesis, Mapping):
        where = "steady-state-hypothesis.probes"
        probes = _activities(hypothesis.get("probes", []), where, server, notes)
        made["steady-state-hypothesis"] = {**hypothesis, "probes": probes}
    return made, tuple(notes)


def _server(configuration: Json) -> str:
    said = configuration if isinstance(configuration, Mapping) else {}
    if "toxiproxy_url" in said:
        return "${toxiproxy_url}"
    return "http://${toxiproxy_host}:${toxiproxy_port}" if "toxiproxy_host" in said else ""


def _activities(value: Json, where: str, server: str, notes: list[ImportNote]) -> Json:
    if not isinstance(value, list):
        return value
    made: list[Json] = []
    for at, one in enumerate(value):
        place = f"{where}[{at}]"
        provider = one.get("provider") if isinstance(one, Mapping) else None
        if not isinstance(one, Mapping) or not isinstance(provider, Mapping):
            made.append(one)
            continue
        converted = _converted(one, provider, place, server, notes)
        made += [] if converted is None else [converted]
    return made


def _converted(
    one: Mapping[str, Json], provider: Mapping[str, Json], place: str, server: str, notes: list[ImportNote]
) -> Json:
    module, kind = str(provider.get("module", "")), provider.get("type")
    if module.startswith("chaostoxi."):
        return _toxiproxy(one, provider, place, server, notes)
    if kind == "python":
        what = f"{module} has to be a module of your project: installed ones are refused"
        notes.append(ImportNote(where=place, what=what))
    if kind == "process" and _SHELL.search(str(provider.get("arguments") or "")):
        notes.append(ImportNote(where=place, what="no shell reads its arguments: signs in them mean nothing"))
    return dict(one)


def _toxiproxy(
    one: Mapping[str, Json], provider: Mapping[str, Json], place: str, server: str, notes: list[ImportNote]
) -> Json:
    module, function = str(provider.get("module")), str(provider.get("func"))
    said: Any = provider.get("arguments") or {}
    change = dict(_changes(module, function, said))
    proxy = said.get("for_proxy") or said.get("proxy_name")
    if not change or not proxy:
        what = f"{module}.{function} does what nothing here does: do it before the experiment"
        notes.append(ImportNote(where=place, what=what, kept=False))
        return None
    made: dict[str, Json] = {**one, "provider": {"type": "toxiproxy", "proxy": proxy, **change["provider"]}}
    if server:
        made["provider"] = {**made["provider"], "url": server}  # type: ignore[dict-item]  # it is a mapping
    if "tolerance" in one and "path" in change:
        made["tolerance"] = _at(change["path"], one["tolerance"])
    notes.append(ImportNote(where=place, what=f"{module}.{function} became the provider toxiproxy"))
    return made


def _changes(module: str, function: str, said: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What a function of chaostoolkit-toxiproxy does, in our provider's words."""
    if module == _TOXIC and function == "delete_toxic":
        yield "provider", {"remove": said.get("toxic_name")}
    elif module == _TOXIC and function == "create_toxic":
        names = {"toxic_name": "name", "toxic_type": "type"}
        kept = ("toxic_name", "toxic_type", "stream", "toxicity", "attributes")
        yield "provider", {"toxic": {names.get(k, k): said[k] for k in kept if said.get(k) is not None}}
    elif module == _TOXIC and function in _TOXICS:
        kind, arguments = _TOXICS[function]
        attributes = {ours: said[theirs] for theirs, ours in arguments.items() if theirs in said}
        yield "provider", {"toxic": {"name": said.get("toxic_name"), "type": kind, "attributes": attributes}}
    elif module == _PROXY and function in ("enable_proxy", "disable_proxy"):
        yield "provider", {"enabled": function == "enable_proxy"}
    elif module == _PROBES and function == "proxy_exist":
        yield "provider", {}
        yield "path", "$.name"
    elif module == _PROBES and function == "get_proxy_attribute":
        yield "provider", {}
        yield "path", f"$.{said.get('attribute')}"


def _at(path: str, tolerance: Json) -> Json:
    """The tolerance of a value, for the object that the value is in now."""
    if path == "$.name":
        return {"type": "jsonpath", "path": path, "count": 1 if tolerance else 0}
    if isinstance(tolerance, Sequence) and not isinstance(tolerance, str):
        return tolerance
    return {"type": "jsonpath", "path": path, "expect": tolerance}
