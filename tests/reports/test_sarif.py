"""Findings as SARIF: what code hosts require of the format, whatever the findings say."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import Finding, Level, Rule
from agentops_eval.reports import sarif

RULES = (
    Rule(
        id="X1",
        slug="too-dear",
        level=Level.WARN,
        group="cost",
        title="it is dear",
        explanation="Why.",
        fix="save",
    ),
    Rule(
        id="X2",
        slug="gone",
        level=Level.ERROR,
        group="state",
        title="it is gone",
        explanation="So.",
        fix="look",
        upstream="other_name",
    ),
)
TEXT = st.text(max_size=30)
FINDINGS = st.lists(
    st.builds(
        Finding,
        rule=st.sampled_from(["X1", "X2", "X9"]),
        level=st.sampled_from(Level),
        message=TEXT,
        where=TEXT | st.sampled_from(["a b.jsonl:7", "/tmp/ä.jsonl", "x:0", "C:\\a:3"]),
        trace_id=TEXT,
        span_id=TEXT,
        span=TEXT,
    ),
    max_size=5,
)


def written(*findings: Finding):
    return json.loads(json.dumps(sarif(findings, RULES, version="1.2.3")))


@given(FINDINGS)
def test_any_finding_gives_what_the_format_requires(findings):
    """Version, driver, rules with help, and results that lead to their rule and their place."""
    document = written(*findings)
    assert (document["version"], list(document)) == ("2.1.0", ["$schema", "version", "runs"])
    (run,) = document["runs"]
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("agentops-eval", "1.2.3")
    for rule in driver["rules"]:
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"]
        assert "helpUri" not in rule
        assert rule["defaultConfiguration"]["level"] in {"error", "warning", "note"}
    assert len(run["results"]) == len(findings)
    for result in run["results"]:
        assert result["message"]["text"]
        assert result["level"] in {"error", "warning", "note"}
        if "ruleIndex" in result:
            assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        for location in result.get("locations", []):
            uri = location.get("physicalLocation", {}).get("artifactLocation", {}).get("uri", "x")
            assert uri.isascii()
            assert " " not in uri
            assert location.get("physicalLocation", {}).get("region", {"startLine": 1})["startLine"] >= 1


def test_a_result_names_file_line_and_span():
    """The place is the file's line, the span is a logical location with its ids."""
    finding = Finding(
        rule="X2",
        level=Level.ERROR,
        message="m",
        where="a b.jsonl:7",
        trace_id="t" * 32,
        span_id="s" * 16,
        span="chat x",
    )
    (result,) = written(finding)["runs"][0]["results"]
    assert (result["ruleId"], result["ruleIndex"], result["level"]) == ("X2", 1, "error")
    (location,) = result["locations"]
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20b.jsonl"},
        "region": {"startLine": 7},
    }
    assert location["logicalLocations"] == [
        {"name": "chat x", "fullyQualifiedName": f"{'t' * 32}/{'s' * 16}"},
    ]


def test_rules_keep_their_name_and_what_others_call_them():
    """The name is in the format's style; slug and upstream's name are properties."""
    first, second = written()["runs"][0]["tool"]["driver"]["rules"]
    assert (first["name"], first["properties"]) == ("TooDear", {"tags": ["cost"], "slug": "too-dear"})
    assert second["properties"]["upstream"] == "other_name"


@pytest.mark.parametrize(("where", "line"), [("f.jsonl", None), ("f.jsonl:12", 12), ("f.jsonl:0", None)])
def test_a_line_is_told_where_it_is_known(where, line):
    """Without a number behind the colon the place is the file."""
    finding = Finding(rule="X1", level=Level.INFO, message="m", where=where)
    place = written(finding)["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place.get("region", {}).get("startLine") == line


@pytest.mark.parametrize("place", ["message 3", "eval_cases[12]", "[0]", "samples/a_epoch_1.json"])
def test_a_place_in_a_file_without_lines_is_no_part_of_its_name(place):
    """The address is the file's alone; the place is told in the message."""
    finding = Finding(rule="X1", level=Level.INFO, message="m", where=f"prod/export.pb: {place}")
    (result,) = written(finding)["runs"][0]["results"]
    assert result["message"]["text"] == f"m ({place})"
    assert result["locations"][0]["physicalLocation"] == {"artifactLocation": {"uri": "prod/export.pb"}}


def test_fingerprints_do_not_hold_what_is_drawn_anew():
    """The same finding in another run of the same agent is the same alert."""
    one, other = (
        Finding(rule="X1", level=Level.INFO, message="m", trace_id=i, span_id=i, span="chat") for i in "ab"
    )
    results = written(one, other)["runs"][0]["results"]
    assert results[0]["partialFingerprints"] == results[1]["partialFingerprints"]
