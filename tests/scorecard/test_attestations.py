"""Signed-off files: by roles, of criteria that ask for it, for a year at most."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest
import yaml

from agentops_eval.domain import AttestationInvalid
from agentops_eval.scorecard import attestations_of, attestations_schema, read_attestations, shipped_criteria
from tests.scorecard._made import criterion, level, made, scored

CRITERIA = made(criterion("platform.looked-at", attestation="somebody looked"), criterion("platform.shown"))
SIGNED = """\
agent: desk
attestations:
  - criterion: platform.looked-at
    role: role:risk-owner
    statement: We looked at it.
    signed: 2026-11-01
    expires: 2027-11-02
"""


def read(text: str):
    return attestations_of(text.encode(), "signed.yaml", CRITERIA)


def test_an_attestation_becomes_evidence():
    """A statement by a role, of a day and until a day, of the file that holds it."""
    (found,) = read(SIGNED)
    evidence = found.evidence(source="signed.yaml", source_digest="00")
    assert (evidence.agent, evidence.kind, evidence.subject) == ("desk", "attestation", "platform.looked-at")
    assert (evidence.at, evidence.expires) == ("2026-11-01T00:00:00Z", "2027-11-02T00:00:00Z")
    assert evidence.says == "role:risk-owner signed: We looked at it."
    only = made(CRITERIA.criteria[0])
    assert level(scored(only, evidence)) == 1
    assert level(scored(only, evidence, at="2027-11-02T00:00:00Z")) == 0


def test_without_an_agent_it_is_about_every_agent():
    """As of a rule that holds for the whole project."""
    (found,) = read(SIGNED.removeprefix("agent: desk\n"))
    assert level(scored(made(CRITERIA.criteria[0]), found.evidence())) == 1


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("role:risk-owner", "Alex Example", "never a person"),
        ("role: role:risk-owner", "author: Alex", "write role: role:on-call"),
        ("platform.looked-at", "platform.loked-at", "did you mean 'platform.looked-at'"),
        ("platform.looked-at", "platform.shown", "shown by evidence, not signed"),
        ("2027-11-02", "2027-11-03", "366 is the most"),
        ("2027-11-02", "2026-11-01", "not after it was signed"),
        ("2027-11-02", "2027-02-30", "no day of the calendar"),
        ("2027-11-02", "never", "a date such as"),
        ("    expires: 2027-11-02\n", "", "lacks expires"),
        ("We looked at it.", '""', "statement"),
        ("We looked at it.", "Ask alex@example.org.", "it names a person: there is an e-mail address in it"),
    ],
)
def test_what_cannot_be_meant_is_named(old, new, said):
    """People, misspelt criteria, those that evidence shows, and expiries that are none."""
    with pytest.raises(AttestationInvalid) as caught:
        read(SIGNED.replace(old, new))
    assert said in str(caught.value)


def test_a_file_is_read_against_the_criteria_that_ship(tmp_path: Path):
    """One that is not there is an error with a command."""
    path = tmp_path / "signed.yaml"
    with pytest.raises(AttestationInvalid, match="cannot be read") as caught:
        read_attestations(path, shipped_criteria())
    assert "schema attestations" in caught.value.remedy
    path.write_text(SIGNED.replace("platform.looked-at", "governance.intended-use"))
    assert len(read_attestations(path, shipped_criteria())) == 1


def test_the_schema_takes_what_is_read():
    """Dates are texts there, as they are here."""
    schema = attestations_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(yaml.load(SIGNED, yaml.BaseLoader), schema)
