"""Experiments of Chaos Toolkit that have to be changed to be read."""

from __future__ import annotations

import json
from typing import Any

from agentops_eval.chaos.experiments import import_experiment, read_experiment
from tests.chaos.experiments._kit import document, probe


def toxi(module: str, func: str, kind: str = "action", **arguments: Any) -> dict[str, Any]:
    """An activity of chaostoolkit-toxiproxy."""
    provider = {"type": "python", "module": f"chaostoxi.{module}", "func": func, "arguments": arguments}
    return {"type": kind, "name": func, "provider": provider}


def provider_of(said: dict[str, Any], **more: Any) -> Any:
    """The provider that an activity has afterwards, None where it was left out."""
    made, _ = import_experiment(document(method=[said], **more))
    read_experiment(json.dumps(made).encode(), "x.json")
    method: Any = made["method"]
    return method[0]["provider"] if method else None


def test_toxics_become_ours() -> None:
    """Each function of chaostoolkit-toxiproxy that puts a toxic on, takes one off, or ends a proxy."""
    assert provider_of(
        toxi("toxic.actions", "create_latency_toxic", for_proxy="p", toxic_name="t", latency=5, jitter=1)
    ) == {
        "type": "toxiproxy",
        "proxy": "p",
        "toxic": {"name": "t", "type": "latency", "attributes": {"latency": 5, "jitter": 1}},
    }
    limiter = toxi("toxic.actions", "create_limiter_toxic", for_proxy="p", toxic_name="t", bytes_limit=9)
    assert provider_of(limiter)["toxic"]["attributes"] == {"bytes": 9}
    given: dict[str, Any] = {"for_proxy": "p", "toxic_name": "t", "toxic_type": "slicer", "toxicity": 0.5}
    made = provider_of(toxi("toxic.actions", "create_toxic", **given))
    assert made["toxic"] == {"name": "t", "type": "slicer", "toxicity": 0.5}
    assert provider_of(toxi("toxic.actions", "delete_toxic", for_proxy="p", toxic_name="t"))["remove"] == "t"
    assert provider_of(toxi("proxy.actions", "disable_proxy", proxy_name="p"))["enabled"] is False


def test_the_server_is_that_of_the_configuration() -> None:
    """Its address stays a configured value."""
    said = toxi("proxy.actions", "enable_proxy", proxy_name="p")
    assert (
        provider_of(said, configuration={"toxiproxy_url": "http://127.0.0.1:1"})["url"] == "${toxiproxy_url}"
    )
    host = {"toxiproxy_host": "127.0.0.1", "toxiproxy_port": 8474}
    assert provider_of(said, configuration=host)["url"] == "http://${toxiproxy_host}:${toxiproxy_port}"


def test_probes_keep_their_tolerances() -> None:
    """A value that was given itself is now looked for in the proxy's state."""
    probes = [
        {**toxi("proxy.probes", "proxy_exist", "probe", proxy_name="p"), "tolerance": True},
        {
            **toxi("proxy.probes", "get_proxy_attribute", "probe", proxy_name="p", attribute="enabled"),
            "tolerance": True,
        },
    ]
    hypothesis = {"title": "t", "probes": probes}
    made, _ = import_experiment(document(**{"steady-state-hypothesis": hypothesis}))
    state: Any = made["steady-state-hypothesis"]
    assert [one["tolerance"] for one in state["probes"]] == [
        {"type": "jsonpath", "path": "$.name", "count": 1},
        {"type": "jsonpath", "path": "$.enabled", "expect": True},
    ]


def test_what_cannot_be_said_is_left_out_and_told() -> None:
    """A proxy is not created here; fields that nothing has go; foreign modules and shells are named."""
    shell = {"type": "process", "path": "sh", "arguments": "-c 'a | b'"}
    foreign = {"type": "python", "module": "chaosk8s.pod.actions", "func": "terminate_pods"}
    method = [
        toxi("proxy.actions", "create_proxy", proxy_name="p", upstream_host="h", upstream_port=1),
        {"type": "action", "name": "a", "provider": shell},
        {"type": "action", "name": "b", "provider": foreign},
        {"ref": "a"},
    ]
    made, notes = import_experiment(document(method=method, notes="mine"))
    assert [note.where for note in notes] == ["notes", "method[0]", "method[1]", "method[2]"]
    assert [note.kept for note in notes] == [False, False, True, True]
    assert len(made["method"]) == 3  # type: ignore[arg-type]


def test_a_journal_gives_its_experiment() -> None:
    """What was run can be run again."""
    journal: dict[str, Any] = {"experiment": document(method=[probe()]), "status": "completed", "run": []}
    made, notes = import_experiment(journal)
    assert made == document(method=[probe()])
    assert "journal" in notes[0].what
