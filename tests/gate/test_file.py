"""A gate file becomes a gate, and everything that is wrong with one is said with its place."""

from __future__ import annotations

import hashlib
import json

import pytest

from agentops_eval.gate import (
    Asks,
    Columns,
    Direction,
    Gate,
    GateFile,
    Kind,
    Metric,
    Planned,
    Quality,
    Role,
    Stage,
    check_gate,
)
from tests.gate._written import PLANNED, WHOLE, gate, read, refused

PASSED = Metric(name="passed", margin=0.05)


def test_the_smallest_file():
    """One metric is a gate: all else is by default what it is in Python."""
    data = b"metrics: [{name: passed, kind: binary, margin: 0.05}]"
    assert read(data) == GateFile(
        gate=Gate(metrics=(PASSED,)),
        columns=Columns(),
        path="gate.yaml",
        digest=f"sha256:{hashlib.sha256(data).hexdigest()}",
    )


def test_every_field_is_read():
    """A file with all fields is the gate that says the same in Python."""
    found = read(json.dumps(WHOLE), "gate.json")
    assert found.gate == Gate(
        name="refunds",
        max_n=400,
        seed=7,
        metrics=(
            PASSED,
            Metric(name="cost_usd", kind=Kind.UNBOUNDED, margin=0.2, weight=0.5, most=1000),
            Metric(
                name="latency_s", kind=Kind.UNBOUNDED, quantile=0.95, margin=0.2, direction=Direction.LOWER
            ),
            Metric(
                name="helpful",
                kind=Kind.BOUNDED,
                range=(1, 5),
                margin=-0.25,
                judge="helpfulness",
                role=Role.GOAL,
            ),
            Metric(name="unapproved_payments", kind=Kind.LIMIT, margin=0.01, may_be_constant=True),
            Metric(name="retries", kind=Kind.COUNT, margin=0.5, min_n=30, max_n=300),
        ),
        stages=(
            Stage(name="shadow", min_n=50),
            Stage(name="5 %", share=0.05, min_n=100, max_n=300),
            Stage(name="10 %", share=0.1),
            Stage(name="100 %", share=1.0, asks=Asks.NO_HARM),
        ),
        quality=Quality(max_age_h=48),
    )
    assert found.columns == Columns(case="session_id", at="started", metrics={"cost_usd": "spend.cost_usd"})
    assert read(json.dumps(PLANNED), "gate.json").gate.planned == Planned(n=200, spending="pocock")


@pytest.mark.parametrize(("text", "share"), [("5 %", 0.05), ("0.1%", 0.001), ("12.5 %", 0.125), ("100%", 1)])
def test_a_share_may_be_a_percentage(text, share):
    """Shares are read as people write them, to the nearest number that there is."""
    found = gate(f"metrics: [{{name: a, margin: 0.1}}]\nstages: [{{name: s}}, {{name: t, share: {text}}}]")
    assert found.stages[1].share == share


@pytest.mark.parametrize(
    ("text", "where", "what", "remedy"),
    [
        ("metrics: []", "gate.yaml:1 metrics", "no metrics", "metrics: [{name: passed, kind: binary"),
        ("name: a", "gate.yaml:1", "a gate file lacks metrics", "metrics: ..."),
        (
            "metrics:\n- {name: a, margn: 1}",
            "gate.yaml:2 metrics[0].margn",
            'there is no field "margn" of a metric',
            "did you mean 'margin'?",
        ),
        (
            "metrics:\n- {name: a, threshold: 1}",
            "gate.yaml:2 metrics[0].threshold",
            'no field "threshold"',
            "write margin, or limit",
        ),
        (
            "metrics: [{name: a, margin: 0.1}]\nstages:\n- {name: a, traffic: 1}",
            "gate.yaml:3 stages[0].traffic",
            'there is no field "traffic" of a stage',
            "write share",
        ),
        (
            "metrics: [{name: a, kind: binry, margin: 0.1}]",
            "gate.yaml:1 metrics[0].kind",
            'there is no choice "binry"',
            "did you mean 'binary'?",
        ),
        (
            "metrics: [{name: a, margin: 5 %}]",
            "gate.yaml:1 metrics[0].margin",
            '"5 %" does not fit: a number is expected',
            "write 0.05",
        ),
        (
            "metrics: [{name: a, margin: 0.1}]\nstages: [{name: a, share: much}]",
            "gate.yaml:2 stages[0].share",
            '"much" does not fit: a share (0.05) or a percentage (5 %) is expected',
            "",
        ),
        (
            "metrics: [{name: a, margin: 0.1}]\nplanned: {n: 100, spending: obrien-flemming}",
            "gate.yaml:2 planned.spending",
            '"obrien-flemming"',
            "did you mean 'obrien-fleming'?",
        ),
        (
            "metrics: [{name: a, margin: 0.1}]\nplanned: {looks: 3}",
            "gate.yaml:2 planned",
            "a plan of looks lacks n",
            "n: ...",
        ),
        (
            "metrics:\n- name: a\n  margin: 2",
            "gate.yaml:3 metrics[0].margin",
            "its margin is less than that, not 2",
            "margin: 0.05",
        ),
        (
            "metrics: [{name: cost, margin: 0.1}]\ncolumns:\n  metrics: {cots: spend}",
            "gate.yaml:3 columns.metrics.cots",
            'there is no metric "cots"',
            "did you mean 'cost'?",
        ),
        (
            "metrics: [{name: cost, margin: 0.1}]\ncolumns: {metrics: {cost: ' '}}",
            "gate.yaml:2 columns.metrics.cost",
            "the name of a column is empty",
            "leave cost out",
        ),
        (
            "metrics: [{name: trial, margin: 0.1}]",
            "gate.yaml:1 metrics[0].name",
            "column that tells the trial",
            "columns: {metrics: {trial: another column}}",
        ),
        (
            "metrics: [{name: cost, margin: 0.1}]\ncolumns: {case: id, metrics: {cost: id}}",
            "gate.yaml:2 columns.metrics.cost",
            'the metric "cost" would be read from the column that tells the case',
            "another column",
        ),
        (
            "metrics: [{name: a, margin: 0.1}]\ncolumns: {cases: id}",
            "gate.yaml:2 columns.cases",
            'no field "cases" of columns',
            "did you mean 'case'?",
        ),
        ("metrics: [\n", "gate.yaml:2", "the file is not YAML", "brackets and quotes are closed"),
        ("- a", "gate.yaml:1", "a gate file is a mapping", "metrics: [{name: passed"),
        (
            "metrics: {name: a, margin: 0.1}",
            "gate.yaml:1 metrics",
            "a list is expected",
            "into a list:  metrics: [{",
        ),
        (
            "metrics: [{name: a, margin: 1e400}]",
            "gate.yaml:1",
            "too large a number",
            "write a smaller number",
        ),
        (
            "metrics: [{name: a, margin: 0.1}]\nmin_n: 1e3",
            "gate.yaml:2 min_n",
            "a whole number is expected",
            "write 1000",
        ),
        (
            "metrics: [{name: a, margin: 0.1}]\nmin_n: 2.5",
            "gate.yaml:2 min_n",
            "a whole number is expected",
            "write 3",
        ),
        (
            "metrics: [{name: a, kind: unbounded, margin: 20}]",
            "gate.yaml:1 metrics[0].margin",
            "relative: 15 lets 16 times as much pass, and is the most, not 20",
            "20 % is 0.2:  margin: 0.2",
        ),
        ("# nothing", "gate.yaml", "nothing but comments", "metrics: [{name: passed"),
    ],
    ids=lambda one: one[:40],
)
def test_a_mistake_is_told_with_place_and_remedy(text, where, what, remedy):
    """The error names line and path, what is there, and what could be."""
    error = refused(text)
    assert (error.code, error.where) == ("AE506", where)
    assert what in error.what
    assert remedy in error.remedy


def test_all_mistakes_are_told_at_once():
    """What the fields' kinds let pass is checked together, in the order of lines, each with its remedy."""
    error = refused(
        "alpha: 0.6\nmetrics:\n- {name: a}\n- {name: b, margin: -1}\nstages:\n- {name: s, share: 5}\n"
    )
    assert (error.what, error.where) == ("4 problems in the gate file", "gate.yaml")
    lines = error.difference.splitlines()
    assert [line.partition(":")[2].partition(":")[0] for line in lines[::2]] == [
        "1 alpha",
        "3 metrics[0].margin",
        "4 metrics[1].margin",
        "6 stages[0].share",
    ]
    assert [line.strip() for line in lines[1::2]] == [
        "alpha: 0.05",
        "margin: 0.05",
        "margin: 1, or role: goal for a gain that has to be reached",
        "share: 0.05",
    ]


def test_what_is_read_can_be_meant():
    """The rules for files are those for gates that are made in Python."""
    assert check_gate(read(json.dumps(WHOLE), "gate.json").gate) == ()
