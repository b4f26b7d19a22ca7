"""The example manifests are kept: what they name is called on a real server, and judged as providers do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from tests.cli._gates import append, asked, serving, traffic
from tests.cli._kit import ROOT, process

EXAMPLES = ROOT / "docs" / "examples"
CONDITION = re.compile(r"result\.(\w+) == '(\w+)'")
RATES = {"promote": (0.98, 0.98), "hold": (0.90, 0.90), "rollback": (0.98, 0.60)}
FLAGGER = {"name": "refunds", "namespace": "shop", "phase": "Progressing", "checksum": "x1"}


def manifest(name: str) -> Any:
    return yaml.safe_load((EXAMPLES / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="module", params=RATES)
def decided(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """Which decision the evidence leads to, and the address of a gate that makes it."""
    folder = tmp_path_factory.mktemp(request.param)
    rates = RATES[request.param]
    stages = {
        "canary-5": traffic(12_000, share=0.05, rates=(0.98, 0.98), seed=1, start=0, stage="canary-5"),
        "canary-50": traffic(
            60 if request.param == "hold" else 1_200,
            share=0.5,
            rates=rates,
            seed=2,
            start=20_000,
            stage="canary-50",
        ),
    }
    for base, mine in stages.values():
        append(folder / "b.jsonl", base)
        append(folder / "c.jsonl", mine)
    words = ("--gate", EXAMPLES / "gate.yaml", "--baseline", "b.jsonl", "--candidate", "c.jsonl")
    with serving(folder, *words) as address:
        yield request.param, address


def on(address: str, url: str) -> str:
    """The path that a manifest names, on this server."""
    parts = urlsplit(url)
    assert (parts.scheme, parts.port) == ("http", 8808)
    assert parts.hostname is not None
    assert parts.hostname.startswith("agentops-gate.")
    return f"{address}{parts.path}{f'?{parts.query}' if parts.query else ''}"


def holds(condition: str, result: Any) -> bool:
    found = CONDITION.fullmatch(condition)
    assert found is not None, condition
    return bool(result[found[1]] == found[2])


def measured(metric: Any, address: str, stage: str) -> str:
    """One measurement, as Argo Rollouts makes it of the answer."""
    web = metric["provider"]["web"]
    assert web["jsonPath"] == "{$}"  # the whole document is the result
    status, result = asked(on(address, web["url"].replace("{{args.stage}}", stage)))
    if status != 200:
        return "Error"
    if holds(metric["failureCondition"], result):
        return "Failed"
    return "Successful" if holds(metric["successCondition"], result) else "Inconclusive"


def stages_of(rollout: Any) -> list[str]:
    steps = rollout["spec"]["strategy"]["canary"]["steps"]
    analyses = [step["analysis"] for step in steps if "analysis" in step]
    assert {one["templates"][0]["templateName"] for one in analyses} == {
        manifest("argo-analysis-template.yaml")["metadata"]["name"]
    }
    return [argument["value"] for one in analyses for argument in one["args"] if argument["name"] == "stage"]


def test_argo_measures_what_was_decided(decided: tuple[str, str]) -> None:
    """A promotion succeeds, a rollback fails, and a hold is inconclusive: neither condition is true."""
    value, address = decided
    (metric,) = manifest("argo-analysis-template.yaml")["spec"]["metrics"]
    expected = {"promote": "Successful", "hold": "Inconclusive", "rollback": "Failed"}
    stages = stages_of(manifest("argo-rollout.yaml"))
    assert measured(metric, address, stages[-1]) == expected[value]


def test_the_template_never_passes_for_lack_of_evidence() -> None:
    """Holds alone exceed their limit before they are as many as the count; one failure is enough."""
    (metric,) = manifest("argo-analysis-template.yaml")["spec"]["metrics"]
    assert metric["inconclusiveLimit"] == metric["count"] - 1
    assert metric["failureLimit"] == 0
    assert metric["consecutiveSuccessLimit"] == 1


def test_the_steps_are_the_stages_of_the_gate() -> None:
    """Each weight is the share of the stage that its analysis asks about."""
    gate = manifest("gate.yaml")
    stages = stages_of(manifest("argo-rollout.yaml"))
    assert stages == [stage["name"] for stage in gate["stages"]]
    steps = manifest("argo-rollout.yaml")["spec"]["strategy"]["canary"]["steps"]
    weights = [step["setWeight"] for step in steps if "setWeight" in step]
    assert weights == [100 * stage["share"] for stage in gate["stages"]]
    assert weights == manifest("flagger-canary.yaml")["spec"]["analysis"]["stepWeights"]


def test_flagger_goes_on_promotes_and_rolls_back_as_decided(decided: tuple[str, str]) -> None:
    """Each webhook is answered 200 for go on, and 403 for halt; a rollback hook's 200 rolls back."""
    value, address = decided
    statuses = {}
    for hook in manifest("flagger-canary.yaml")["spec"]["analysis"]["webhooks"]:
        status, document = asked(on(address, hook["url"]), {**FLAGGER, "metadata": hook.get("metadata", {})})
        assert document["hook"] == hook["type"]
        statuses[hook["type"]] = status
    expected = {
        "promote": (200, 200, 200, 200, 403),
        "hold": (200, 403, 200, 403, 403),
        "rollback": (403, 403, 403, 403, 200),
    }
    hooks = ("pre-rollout", "confirm-traffic-increase", "rollout", "confirm-promotion", "rollback")
    assert statuses == dict(zip(hooks, expected[value], strict=True))


def advanced(address: str, weight: int) -> int:
    """The weight after one turn of Flagger's loop; 100 is promoted, and no hook may fail or roll back."""
    analysis = manifest("flagger-canary.yaml")["spec"]["analysis"]

    def said(kind: str) -> int:
        (hook,) = [one for one in analysis["webhooks"] if one["type"] == kind]
        status, _ = asked(on(address, hook["url"]), {**FLAGGER, "metadata": hook.get("metadata", {})})
        return status

    assert said("rollback") == 403
    assert said("rollout" if weight else "pre-rollout") == 200
    if said("confirm-traffic-increase") != 200:
        return weight
    later = [one for one in analysis["stepWeights"] if one > weight]
    if later:
        return int(later[0])
    return 100 if said("confirm-promotion") == 200 else weight


def test_flagger_keeps_each_weight_until_its_stage_has_evidence(tmp_path: Path) -> None:
    """From no traffic to the promotion, with a candidate that is silent at first at each weight."""
    words = ("--gate", EXAMPLES / "gate.yaml", "--baseline", "b.jsonl", "--candidate", "c.jsonl")
    weights = [0]
    with serving(tmp_path, *words, "--log", "log.jsonl") as address:

        def turns(count: int) -> None:
            for _ in range(count):
                weights.append(advanced(address, weights[-1]))

        turns(3)
        for part, (stage, share, count) in enumerate([("canary-5", 0.05, 12_000), ("canary-50", 0.5, 1_200)]):
            few = traffic(60, share=share, rates=(1, 1), seed=5, start=part * 20_000, stage=stage)
            enough = traffic(
                count, share=share, rates=(0.98, 0.98), seed=1, start=part * 20_000 + 100, stage=stage
            )
            for number, (base, mine) in enumerate((few, enough)):
                append(tmp_path / "b.jsonl", [row | {"case": f"{number}-{row['case']}"} for row in base])
                append(tmp_path / "c.jsonl", [row | {"case": f"{number}-{row['case']}"} for row in mine])
                turns(2)
    assert weights == [0, 5, 5, 5, 5, 5, 50, 50, 50, 50, 100, 100]


def test_the_server_is_what_the_other_manifests_call(tmp_path: Path) -> None:
    """Its command starts a gate with the gate file beside it; name, port and policy fit one another."""
    text = (EXAMPLES / "gate-server.yaml").read_text(encoding="utf-8")
    found = {one["kind"]: one for one in yaml.safe_load_all(text)}
    config, deployment, service, policy = (
        found[kind] for kind in ("ConfigMap", "Deployment", "Service", "NetworkPolicy")
    )
    assert yaml.safe_load(config["data"]["gate.yaml"]) == manifest("gate.yaml")
    pod = deployment["spec"]["template"]
    (container,) = pod["spec"]["containers"]
    mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
    words = list(container["args"])
    for at, word in enumerate(words):
        option, _, value = word.partition("=")
        if value.startswith("/"):
            folder, _, name = value.rpartition("/")
            assert folder in mounts
            words[at] = f"{option}={EXAMPLES / name if option == '--gate' else tmp_path / name}"
    assert container["command"] == ["agentops-eval", "gate", "serve"]
    assert "--port=8808" in words
    assert container["ports"][0]["containerPort"] == service["spec"]["ports"][0]["port"] == 8808
    assert service["spec"]["selector"].items() <= pod["metadata"]["labels"].items()
    assert policy["spec"]["podSelector"] == deployment["spec"]["selector"]
    place = f"{service['metadata']['name']}.{service['metadata']['namespace']}"
    called = [
        (EXAMPLES / f"{name}.yaml").read_text() for name in ("flagger-canary", "argo-analysis-template")
    ]
    assert all(f"http://{place}" in one for one in called)
    with serving(tmp_path, *(word for word in words if not word.startswith(("--port", "--host")))) as address:
        status, health = asked(address + container["readinessProbe"]["httpGet"]["path"])
    assert (status, len(health["waiting"])) == (200, 2)
    assert (tmp_path / "refunds-2.log.jsonl").exists()


def test_the_template_waits_as_long_as_the_gate_needs() -> None:
    """With the traffic that the gate file asks for, four candidates in five are promoted by then."""
    text = (EXAMPLES / "gate.yaml").read_text(encoding="utf-8")
    an_hour = int(re.findall(r"([\d,]+) sessions an hour", text)[0].replace(",", ""))
    told = [int(one.replace(",", "")) for one in re.findall(r"within ([\d,]+)", text)]
    (metric,) = manifest("argo-analysis-template.yaml")["spec"]["metrics"]
    hours = metric["count"] * int(metric["interval"].removesuffix("s")) / 3600
    done = process(ROOT, "gate", "plan", "docs/examples/gate.yaml", "--json")
    needed: dict[str, int] = {}
    for row in done.document["rows"]:
        if row["question"] == "promote":
            needed[row["stage"]] = max(needed.get(row["stage"], 0), row["n80"])
    assert max(needed.values()) <= an_hour * hours
    assert [round(one, -2) for one in needed.values()] == told


def test_no_evidence_promotes_nothing(tmp_path: Path) -> None:
    """Before the first sample, and while samples cannot be read, providers neither promote nor roll back."""
    (metric,) = manifest("argo-analysis-template.yaml")["spec"]["metrics"]
    words = ("--gate", EXAMPLES / "gate.yaml", "--baseline", "b.jsonl", "--candidate", "c.jsonl")
    with serving(tmp_path, *words) as address:
        assert measured(metric, address, "canary-5") == "Inconclusive"
        append(tmp_path / "b.jsonl", [{"passed": "perhaps"}])
        assert measured(metric, address, "canary-5") == "Error"
        assert asked(f"{address}/flagger/rollback", FLAGGER)[0] == 503
