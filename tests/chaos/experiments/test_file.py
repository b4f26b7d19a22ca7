"""Experiments as files: Chaos Toolkit's shape, read strictly, with all that is wrong at once."""

from __future__ import annotations

import json

import jsonschema
import pytest

from agentops_eval.chaos.experiments import (
    experiment_schema,
    is_hermetic,
    read_experiment,
    runs_virtually,
    schedule_of,
)
from agentops_eval.domain import Asked, AtPath, Exactly, ExperimentInvalid, Schedule, Strategy
from tests.chaos.experiments._kit import action, document, experiment, probe

WHOLE = """
version: 1.0.0
title: The cache goes away
description: Reads come from the database then, slower, and nothing is lost.
tags: [cache, reads]
contributions: {reliability: high, security: none}
configuration:
  app: http://127.0.0.1:8080
  token: {type: env, key: APP_TOKEN, default: none}
secrets:
  app: {password: {type: env, key: APP_PASSWORD}}
controls: [{name: tracing, provider: {type: python, module: chaostracing.control}}]
extensions: [{name: notes, text: anything}]
runtime:
  hypothesis: {strategy: continuously, frequency: 0.5, fail-fast: true, fail-fast-ratio: 50}
  rollbacks: {strategy: deviated}
steady-state-hypothesis:
  title: orders can be read
  probes:
    - type: probe
      name: the app answers
      tolerance: 200
      provider: {type: http, url: "${app}/health", timeout: [1, 2], headers: {Accept: text/plain}}
    - type: probe
      name: orders are there
      tolerance: {type: jsonpath, path: "$.body.orders[*]", count: 3}
      provider: {type: http, url: "${app}/orders", method: GET, verify_tls: false, max_retries: 2}
    - type: probe
      name: a person agrees
      tolerance: {type: probe, name: judge, provider: {type: python, module: ops, func: judge, arguments: {}}}
      provider: {type: process, path: cat, arguments: {-n: notes.txt}, timeout: 3}
method:
  - type: action
    name: stop the cache
    background: true
    pauses: {before: 1, after: "${pause}"}
    controls: [{name: again, provider: {type: python, module: x}}]
    provider: {type: process, path: true, arguments: "--now 'the cache'"}
  - {ref: orders are there}
rollbacks:
  - {type: action, name: start the cache, provider: {type: process, path: "true"}}
"""


def test_every_key_of_chaos_toolkit_is_read() -> None:
    """A file that uses the whole of the format is read, and what of it is not done is told."""
    found = read_experiment(WHOLE.replace("path: true", "path: 'true'").encode(), "cache.yaml")
    assert found.strategy is Strategy.CONTINUOUS
    assert (found.frequency_s, found.fail_fast, found.fail_fast_ratio) == (0.5, True, 50)
    assert found.hypothesis is not None
    first, second, third = (one.tolerance for one in found.hypothesis.probes)
    assert first == Exactly(value=200)
    assert second == AtPath(path="$.body.orders[*]", count=3)
    assert isinstance(third, Asked)
    assert third.activity.name == "judge"
    assert [one.name for one in found.method] == ["stop the cache", "orders are there"]
    assert found.notes == (
        "controls are not carried out: 2 of them",
        'rollbacks always run, whatever the strategy "deviated" says',
        "orders are there is not asked again: retries are the agent's own",
        "orders are there is not asked again: retries are the agent's own",
    )


def test_the_schema_accepts_what_is_read() -> None:
    """Editors see the same file as valid."""
    import yaml

    value = yaml.safe_load(WHOLE.replace("path: true", "path: 'true'"))
    value["version"] = "1.0.0"
    jsonschema.Draft202012Validator(experiment_schema()).validate(value)


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ({"metod": []}, "metod"),
        ({"method": [{"type": "action", "name": "a"}]}, "lacks provider"),
        ({"method": [action(type="pyton", module="a", func="b")]}, "did you mean 'python'"),
        ({"method": [action(type="process", path="x", argumnts=[])]}, "argumnts"),
        ({"method": [{"ref": "nobody"}]}, 'no activity "nobody"'),
        ({"steady-state-hypothesis": {"title": "t", "probes": [action()]}}, "lacks tolerance"),
        (
            {"steady-state-hypothesis": {"title": "t", "probes": [probe(tolerance=2.5)]}},
            "range: \\[2.5, 2.5\\]",
        ),
        ({"steady-state-hypothesis": {"title": "t", "probes": [probe(tolerance={"type": "rgx"})]}}, "regex"),
        (
            {
                "steady-state-hypothesis": {
                    "title": "t",
                    "probes": [probe(tolerance={"type": "regex", "pattern": "("})],
                }
            },
            "no regular expression",
        ),
        ({"abort-conditions": [{"type": "elapsed"}]}, "lacks seconds"),
        ({"abort-conditions": [{"type": "effects", "above": 1, "seconds": 2}]}, "has no seconds"),
        ({"abort-conditions": [{"type": "mode", "modes": ["unsafe"]}]}, "failed-unsafe"),
        ({"owner": "Jane Doe"}, "a role"),
        ({"owner": "jane@example.org"}, "a role"),
        ({"method": [action(type="agent", agent="a:b", faults=[{"fault": "tool_eror"}])]}, "tool_error"),
        (
            {
                "method": [
                    action(
                        type="agent", agent="a:b", faults=[{"fault": "tool_error", "parameters": {"x": 1}}]
                    )
                ]
            },
            "takes no 'x'",
        ),
        (
            {
                "method": [
                    action(
                        type="agent",
                        agent="a:b",
                        faults=[{"fault": "server_error", "parameters": {"status": 200}}],
                    )
                ]
            },
            "500 to 599",
        ),
        ({"method": [action(type="impact", of="nothing", mode=["full"])]}, "no agent's run"),
        ({"method": [action(type="toxiproxy", proxy="p", enabled=True, remove="x")]}, "one change at a time"),
        ({"method": [{**action(), "pauses": {"before": "soon"}}]}, "configured value"),
        ({"method": [{**action(), "pauses": {"before": -1}}]}, "does not fit"),
        ({"title": ""}, "title"),
    ],
)
def test_what_cannot_be_meant_is_refused(said: dict[str, object], text: str) -> None:
    """Each mistake is named with its path and what could have been meant."""
    with pytest.raises(ExperimentInvalid, match=text):
        experiment(**said)


def test_all_that_is_wrong_is_said_at_once_with_its_lines() -> None:
    """A file with two mistakes gives one error that names both lines."""
    text = "title: t\nmethod:\n- {ref: a}\n- {ref: b}\n"
    with pytest.raises(ExperimentInvalid) as caught:
        read_experiment(text.encode(), "two.yaml")
    assert "two.yaml:3" in caught.value.difference
    assert "two.yaml:4" in caught.value.difference


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"- 1", b"title: [", b"{}", b"null", b'{"method": 7}'])
def test_what_is_no_experiment_is_an_error_of_ours(data: bytes) -> None:
    """Hostile bytes end in the error that names the file."""
    with pytest.raises(ExperimentInvalid):
        read_experiment(data, "x.yaml")


def test_an_agents_faults_are_a_schedule() -> None:
    """The faults of an agent's provider are read as schedules write them."""
    faults = [{"fault": "tool_error", "target": "pay", "nth": [2], "parameters": {"permanent": True}}]
    found = experiment(method=[action(type="agent", agent="a:b", faults=faults, seed=7)])
    schedule = schedule_of(found.method[0].provider.settings)
    assert isinstance(schedule, Schedule)
    assert schedule.to_json() == {"faults": faults, "seed": 7}


def test_time_is_virtual_where_every_activity_is() -> None:
    """Where agents run and nothing else is done, time is virtual, unless the file says otherwise."""
    agents = [action(type="agent", agent="a:b")]
    assert runs_virtually(experiment(method=agents))
    assert not is_hermetic(experiment(method=[*agents, action()]))
    assert not runs_virtually(experiment(method=agents, runtime={"clock": "real"}))
    assert runs_virtually(experiment(method=[action()], runtime={"clock": "virtual"}))


def test_json_and_yaml_say_the_same() -> None:
    """The same document in both forms is the same experiment but for its name and digest."""
    value = document(method=[action()])
    one = read_experiment(json.dumps(value).encode(), "a.json")
    other = read_experiment(json.dumps(value).encode(), "a.yaml")
    assert (one.method, one.source) == (other.method, other.source)
