"""SARIF 2.1.0, which code hosts and editors show as annotations."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from agentops_eval.domain import Finding, Json, Level, Rule
from agentops_eval.reports._place import file_and_line, file_and_place, uri

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Level.ERROR: "error", Level.WARN: "warning", Level.INFO: "note"}


def sarif(findings: Iterable[Finding], rules: Sequence[Rule], *, version: str) -> Json:
    """The findings as one SARIF run; ``rules`` are those that were checked, ``version`` is ours."""
    positions = {rule.id: number for number, rule in enumerate(rules)}
    driver: Json = {
        "name": "agentops-eval",
        "version": version,
        "rules": [_rule(rule) for rule in rules],
    }
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "results": [_result(one, positions) for one in findings],
                "columnKind": "unicodeCodePoints",
            }
        ],
    }


def _rule(rule: Rule) -> Json:
    upstream: dict[str, Json] = {"upstream": rule.upstream} if rule.upstream else {}
    return {
        "id": rule.id,
        "name": "".join(part.capitalize() for part in rule.slug.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.explanation},
        "help": {"text": f"{rule.explanation}\n\nFix: {rule.fix}"},
        "defaultConfiguration": {"level": _LEVELS[rule.level]},
        "properties": {"tags": [rule.group], "slug": rule.slug, **upstream},
    }


def _result(finding: Finding, positions: dict[str, int]) -> Json:
    result: dict[str, Json] = {
        "ruleId": finding.rule,
        "level": _LEVELS[finding.level],
        "message": {"text": _message(finding)},
        "partialFingerprints": {"agentopsFinding/v1": _fingerprint(finding)},
    }
    if finding.rule in positions:
        result["ruleIndex"] = positions[finding.rule]
    location = _location(finding)
    return {**result, "locations": [location]} if location else result


def _message(finding: Finding) -> str:
    """What is wrong, and where in a file without lines."""
    _, place = file_and_place(finding.where)
    said = finding.message or finding.rule
    return f"{said} ({place})" if place else said


def _location(finding: Finding) -> dict[str, Json]:
    found: dict[str, Json] = {}
    if finding.where:
        file, place = file_and_place(finding.where)
        file, line = (file, None) if place else file_and_line(file)
        physical: dict[str, Json] = {"artifactLocation": {"uri": uri(file)}}
        found["physicalLocation"] = physical if line is None else {**physical, "region": {"startLine": line}}
    if finding.span_id or finding.trace_id:
        path = "/".join(part for part in (finding.trace_id, finding.span_id) if part)
        found["logicalLocations"] = [{"name": finding.span or path, "fullyQualifiedName": path}]
    return found


def _fingerprint(finding: Finding) -> str:
    """The same for a finding that comes back in another run: ids of spans are drawn anew."""
    told = f"{finding.rule}\n{finding.span}\n{finding.message}"
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]
