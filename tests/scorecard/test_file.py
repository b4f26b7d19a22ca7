"""Files of criteria: what is read, what is refused, and how one extends another."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from agentops_eval.domain import CriteriaInvalid
from agentops_eval.scorecard import (
    Check,
    Threshold,
    criteria_of,
    criteria_schema,
    extend,
    read_criteria,
    shipped_criteria,
)
from tests.scorecard._made import criterion, item, level, made, scored

OURS = """\
criteria:
  - id: security.ours
    title: Ours is so
    level: 2
    owner: role:security
    rationale: It matters.
    command: agentops-eval doctor
    risk: 3
    impact: 4
    effort: 2
    check:
      {kind: chaos.fault, subject: "*tool_*", measures: {injected: ">= 1.5"}, subjects: 3, max_age_days: 30}
    maps: {owasp-agentic: [ASI01]}
"""


def read(text: str, name: str = "ours.yaml"):
    return criteria_of(text.encode(), name)


def test_a_criterion_is_read_whole():
    """Every field; the weight is 1 where it is not told."""
    (found,) = read(OURS).criteria
    assert found.check == Check(
        kind="chaos.fault",
        subject="*tool_*",
        measures=(Threshold(measure="injected", sign=">=", bound=1.5),),
        subjects=3,
        max_age_days=30,
    )
    assert (found.dimension, found.weight, found.priority) == ("security", 1, 6.0)
    assert found.maps == {"owasp-agentic": ("ASI01",)}


@pytest.mark.parametrize(
    ("text", "sign", "bound"),
    [(">= 100", ">=", 100), ("<=0.5", "<=", 0.5), ("== -1", "==", -1), ("> 3", ">", 3), ("<-0.5", "<", -0.5)],
)
def test_thresholds_are_comparisons(text, sign, bound):
    """Five signs, with a space or without one, and numbers below zero."""
    (threshold,) = read(OURS.replace(">= 1.5", text)).criteria[0].check.measures
    assert (threshold.sign, threshold.bound) == (sign, bound)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("security.ours", "securty.ours", "did you mean 'security'"),
        ("security.ours", "Ours", "is no id"),
        ("level: 2", "level: 6", "level"),
        ("level: 2", "dimension: security", "the id begins with it"),
        ("role:security", "Alex", "never a person"),
        ("kind: chaos.fault", "kind: chaos.faults", "did you mean 'chaos.fault'"),
        ("kind: chaos.fault", "kind: attestation", "is no check"),
        (">= 1.5", "about 1", "a comparison such as"),
        ("    risk: 3\n", "", "lacks risk"),
        ("    maps:", "    attestation: signed\n    maps:", "both a check and an attestation"),
        ("owasp-agentic", "owasp", "there is no field"),
    ],
)
def test_what_cannot_be_meant_is_named_with_its_place(old, new, said):
    """The field, the line, and the nearest that could be meant."""
    with pytest.raises(CriteriaInvalid) as caught:
        read(OURS.replace(old, new))
    assert said in str(caught.value)
    assert "ours.yaml:" in str(caught.value)


def test_a_criterion_without_check_and_attestation_is_refused():
    """It could never be met, and nobody would know why."""
    text = "\n".join(line for line in OURS.splitlines() if "check:" not in line and "{kind" not in line)
    with pytest.raises(CriteriaInvalid, match="neither a check nor an attestation"):
        read(text)


def test_an_id_twice_and_a_harm_that_is_none_are_told_together():
    """All that is wrong is told at once."""
    twice = (
        OURS + OURS.removeprefix("criteria:\n") + "harms: [{harm: leak, dimensions: [security], level: 1}]\n"
    )
    with pytest.raises(CriteriaInvalid) as caught:
        read(twice)
    assert "there twice" in str(caught.value)
    assert "there is no harm" in str(caught.value)


def test_a_file_that_is_not_there_is_an_error_with_a_command(tmp_path: Path):
    """It names the command that tells what such a file holds."""
    with pytest.raises(CriteriaInvalid, match="cannot be read") as caught:
        read_criteria(tmp_path / "criteria.yaml")
    assert "agentops-eval schema criteria" in caught.value.remedy


def test_a_file_extends_another(tmp_path: Path):
    """Of one id the later holds; what is without is gone; the rest stays, harms and the cap too."""
    path = tmp_path / "ours.yaml"
    path.write_text(OURS + "without: [security.pinned]\nattested_cap: 2\n")
    whole = extend(shipped_criteria(), read_criteria(path))
    ids = [one.id for one in whole.criteria]
    assert "security.ours" in ids
    assert "security.pinned" not in ids
    assert len(ids) == len(shipped_criteria().criteria)
    assert (whole.attested_cap, whole.harms) == (2, shipped_criteria().harms)
    assert whole.digest != shipped_criteria().digest


def test_a_criterion_that_is_replaced_asks_for_what_is_new():
    """The old evidence shows it no more."""
    base = made(criterion("platform.a"))
    again = extend(base, made(criterion("platform.a", check=Check(kind="chaos.check", subject="b"))))
    assert level(scored(base, item("a"))) == 1
    assert level(scored(again, item("a"))) == 0
    assert level(scored(again, item("b"))) == 1


def test_the_digest_is_of_what_is_asked_and_not_of_the_order():
    """Two files that ask the same in another order are the same criteria."""
    one, two = criterion("platform.a"), criterion("platform.b")
    assert made(one, two).digest == made(two, one).digest
    assert made(one).digest != made(one, two).digest


def test_the_schema_knows_what_is_read_and_refuses_what_is_not():
    """Editors complain where we would, of fields and of kinds of values."""
    schema = criteria_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(yaml.safe_load(OURS), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(OURS.replace("level: 2", "level: 6")), schema)


def test_json_is_read_as_well():
    """The suffix decides."""
    assert read(json.dumps(yaml.safe_load(OURS)), "ours.json").criteria == read(OURS).criteria


def test_a_file_that_replaces_is_all_that_is_asked():
    """Nothing of the shipped criteria is left; a harm of which it says nothing holds all down."""
    replaced = extend(shipped_criteria(), read(f"replace: true\nname: ours\n{OURS}"))
    assert [one.id for one in replaced.criteria] == ["security.ours"]
    assert (replaced.harms, replaced.attested_cap, replaced.name) == ((), None, "ours")
    assert replaced.cap_of("undeclared").level == 1
    again = extend(replaced, read(OURS.replace("security.ours", "security.more")))
    assert {one.id for one in again.criteria} == {"security.ours", "security.more"}


def test_how_criteria_came_about_is_not_what_they_ask():
    """The digest of a file that replaces is that of the same criteria alone."""
    assert read(f"replace: true\n{OURS}").digest == read(OURS).digest


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            f"replace: true\nwithout: [security.pinned]\n{OURS}",
            "it takes away from criteria that replace leaves",
        ),
        ("replace: true\n", "nothing would be asked"),
        ("replace: true\ncriteria: []\n", "nothing would be asked"),
        (f"replace: 1\n{OURS}", "replace"),
    ],
)
def test_what_a_replacement_cannot_mean_is_refused(text, told):
    """It takes nothing away from what it leaves out, and asks for something."""
    with pytest.raises(CriteriaInvalid, match=told):
        read(text)
