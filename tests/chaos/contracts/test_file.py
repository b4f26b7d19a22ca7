"""Degradation files: what is read, and how what cannot be meant is told."""

from __future__ import annotations

import dataclasses
import json
from contextlib import suppress
from pathlib import Path

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.chaos import Contract, Degradation, contract_schema, read_contract
from agentops_eval.chaos._declared import Breaker, Budget, Declared, Fallback, Shedding
from agentops_eval.chaos.contracts import Allowed, Undoes, contract_of
from agentops_eval.chaos.contracts import _fields as fields
from agentops_eval.domain import ContractInvalid, Mode
from tests.examples import examples

WHOLE = """\
# yaml-language-server: $schema=degradation.schema.json
agent: refund agent
success: refunded
failure: [sorry, "could not"]
writes: [file_ticket]
idempotent: set_address
not_idempotent: [charge]
harmless: log
volatile: [at]
compensates:
  cancel_seat: book_seat
  refund: {tool: charge, by: order}
approval: {pay_out: pay}
tenant: customer
tenants: {acme: [ACME-1, ACME-2]}
secrets: ['sk-\\w{8}']
invariants: [checks:balanced]
degradations:
  - dependency: get_*
    faults: [unavailable, tool_timeout]
    message: sorry
    effects: prefix
    reach: [get_*, notify]
  - {dependency: llm, accept: [full, failed-safe], effects: [open_ticket]}
checks:
  breakers: {get_rate: {failures: 3, cooldown_s: 10}}
  fallbacks: [{order: [get_rate, get_rate_backup, cached], says: cached}]
  budget: {calls: 12}
  in_flight: {search: 4}
  shedding: {optional: [recommend], flag: {LOAD: high}}
severity: {pay_out: 5}
likelihood: {throttled: 3, kill: 0.1}
"""


def held(_: object) -> bool:
    """An invariant that holds."""
    return True


def read(text: str) -> Contract:
    """The contract of a YAML text."""
    return contract_of(text.encode(), "degradation.yaml", resolve=lambda _: held)


def refused(text: str) -> str:
    """The error of a YAML text, whole."""
    with pytest.raises(ContractInvalid) as caught:
        read(text)
    return str(caught.value)


def test_a_whole_file_is_read() -> None:
    """Every field finds its place, and one text stands for a list of one."""
    found = read(WHOLE)
    assert (found.agent, found.success, found.failure) == (
        "refund agent",
        ("refunded",),
        ("sorry", "could not"),
    )
    assert found.compensates == {
        "cancel_seat": Undoes(tool="book_seat"),
        "refund": Undoes(tool="charge", by="order"),
    }
    assert found.writes == ("file_ticket",)
    assert (found.approval, found.tenant) == ({"pay_out": "pay"}, ("customer",))
    assert found.tenants == {"acme": ("ACME-1", "ACME-2")}
    assert [(one.name, one.check) for one in found.invariants] == [("checks:balanced", held)]
    assert found.degradations == (
        Degradation(
            dependency="get_*",
            faults=("unavailable", "tool_timeout"),
            message="sorry",
            effects=Allowed.PREFIX,
            reach=("get_*", "notify"),
        ),
        Degradation(
            dependency="llm",
            accept=(Mode.FULL, Mode.FAILED_SAFE),
            effects=Allowed.LISTED,
            only=("open_ticket",),
        ),
    )
    assert found.checks.breakers["get_rate"].failures == 3
    assert found.checks.fallbacks[0].order == ("get_rate", "get_rate_backup", "cached")
    assert (found.checks.budget.calls, found.checks.in_flight) == (12, {"search": 4})
    assert found.checks.shedding.flag == {"LOAD": "high"}
    assert (found.severity, found.likelihood) == ({"pay_out": 5}, {"throttled": 3, "kill": 0.1})


def test_an_empty_mapping_declares_nothing() -> None:
    """What a file leaves out is by default what a contract in Python says."""
    assert read("{}") == Contract()


def test_a_list_of_tools_needs_the_approval_of_their_own_names() -> None:
    """Where the action is called like the tool, its name is enough."""
    assert read("approval: [pay, ship]").approval == {"pay": "pay", "ship": "ship"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("degradation: []", "did you mean 'degradations'"),
        ("degradations: [{dependencies: a, message: b}]", "did you mean 'dependency'"),
        ("degradations: [{message: sorry, faults: tool_eror}]", "did you mean 'tool_error'"),
        ("degradations: [{message: sorry, faults: [slow, unavailabel]}]", "did you mean 'unavailable'"),
        ("degradations: [{message: sorry, accept: degraded}]", "degraded-as-declared"),
        ("degradations: [{message: sorry, accept: hung}]", 'there is no choice "hung"'),
        ("degradations: [{message: sorry, effects: some}]", "degradations[0].effects"),
        ("degradations: [{dependency: a}]", "nobody is told"),
        ("degradations: [{accept: failed-safe, message: sorry}]", "message is looked at where"),
        ("degradations: [{message: sorry, effects: []}]", "effects: none"),
        ("degradations: [{message: '('}]", "is no pattern"),
        ("degradations: [{message: 'a*'}]", "found in every answer"),
        ("failure: ['']", "failure"),
        ("secrets: '[a-'", "is no pattern"),
        ("idempotent: [a, b]\nnot_idempotent: b", '"b" is idempotent, too'),
        ("compensates: {a: a}", "would take back itself"),
        ("compensates: {a: {tol: b}}", "tool"),
        ("likelihood: {slo: 1}", "did you mean 'slow'"),
        ("severity: {a: -1}", "severity"),
        ("checks: {breaker: {}}", "did you mean 'breakers'"),
        ("checks: {fallbacks: [{order: [a]}]}", "order"),
        ("mode: full", "write accept"),
        ("[1, 2]", "a degradation file is a mapping"),
        ("a: &a [*a]", "AE601"),
    ],
)
def test_what_cannot_be_meant_is_told_with_what_can(text: str, told: str) -> None:
    """Each problem has its place in the file, and the nearest that could be meant."""
    error = refused(text)
    assert told in error
    assert "degradation.yaml" in error


def test_every_problem_is_told_with_its_line() -> None:
    """Not only the first one."""
    error = refused("agnet: a\n\ntenant: 3\nhelper: x\n")
    assert "degradation.yaml:1 agnet" in error
    assert "degradation.yaml:3 tenant" in error
    assert "degradation.yaml:4 helper" in error


def test_an_invariant_that_cannot_be_loaded_is_told() -> None:
    """By whoever loads it, and where nobody does."""

    def missing(name: str) -> None:
        raise ContractInvalid("no module named checks", remedy="write another name")

    for resolve, told in ((missing, "no module named checks"), (None, "cannot be loaded here")):
        with pytest.raises(ContractInvalid, match=told) as caught:
            contract_of(b"invariants: checks:balanced", "d.yaml", resolve=resolve)  # type: ignore[arg-type]
        assert "d.yaml:1 invariants" in str(caught.value)


def test_a_file_is_read_from_its_path(tmp_path: Path) -> None:
    """YAML or JSON by its name; a file that is not there says so."""
    path = tmp_path / "degradation.json"
    path.write_text(json.dumps({"agent": "clerk"}))
    assert read_contract(path).agent == "clerk"
    with pytest.raises(ContractInvalid, match="cannot be read") as caught:
        read_contract(tmp_path / "none.yaml")
    assert "none.yaml" in str(caught.value)


@examples(60)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """No file ends in anything but a contract or its error."""
    with suppress(ContractInvalid):
        assert isinstance(contract_of(data, "d.yaml"), Contract)


@pytest.mark.parametrize(
    ("written", "made"),
    [
        (fields.BreakerFields, Breaker),
        (fields.FallbackFields, Fallback),
        (fields.BudgetFields, Budget),
        (fields.SheddingFields, Shedding),
        (fields.ChecksFields, Declared),
        (fields.ContractFields, Contract),
    ],
)
def test_a_file_can_say_all_that_a_contract_can(written: type[msgspec.Struct], made: type) -> None:
    """Every field of what is made has one in files of the same name."""
    assert set(written.__struct_fields__) == {one.name for one in dataclasses.fields(made)}


# -- the schema -----------------------------------------------------------------------------------


def test_the_schema_accepts_what_is_read() -> None:
    """An editor has nothing against a whole file."""
    import yaml

    schema = contract_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(yaml.safe_load(WHOLE))


@pytest.mark.parametrize(
    "value",
    [
        {"agnet": "a"},
        {"degradations": [{"faults": "tool_eror"}]},
        {"severity": {"a": -1}},
        {"checks": {"x": 1}},
    ],
)
def test_the_schema_refuses_what_is_refused(value: object) -> None:
    """Names of fields, of faults, and numbers between their ends."""
    assert not jsonschema.Draft202012Validator(contract_schema()).is_valid(value)


def test_every_field_of_the_schema_has_words() -> None:
    """Editors show what a field means."""
    schema = contract_schema()
    parts = [schema, *schema["$defs"].values()]  # type: ignore[union-attr]
    for part in parts:
        for name, field in part["properties"].items():
            assert field.get("description"), name
