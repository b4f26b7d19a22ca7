"""Recordings: kept in cassettes, matched with calls, played back, and told apart from new behaviour.

Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.replay._alike import Alike, alike
    from agentops_eval.replay._audit import (
        MONOTONIC,
        AuditFinding,
        AuditReport,
        Dependence,
        Factor,
        Trial,
        judge_audit,
    )
    from agentops_eval.replay._blobs import drop_blobs
    from agentops_eval.replay._branch import shelf_of_branch
    from agentops_eval.replay._canonical import canonical_request, raw_key, request_key
    from agentops_eval.replay._cassette import (
        FORMAT_VERSION,
        Cassette,
        CassetteHeader,
        age_days,
        check_cassette,
        file_digest,
        is_vcr,
        read_cassette,
        read_partial,
    )
    from agentops_eval.replay._convert import Converted, convert_cassette
    from agentops_eval.replay._explain import request_tree
    from agentops_eval.replay._names import (
        CASSETTE_SUFFIX,
        OWN_SUFFIX,
        VCR_SUFFIXES,
        branch_path,
        branches_of,
        case_of,
        is_branch,
        parent_path,
    )
    from agentops_eval.replay._numbers import Numbered, describe, numbered
    from agentops_eval.replay._perturb import SHIFT_S, Perturb, another_value, mirrored
    from agentops_eval.replay._player import Player, PlayerStats, StandIn
    from agentops_eval.replay._prune import Pruned, migrate, prune
    from agentops_eval.replay._recover import recover
    from agentops_eval.replay._rename import drop_blobs_of, moved_cassette
    from agentops_eval.replay._rules import MatchRules
    from agentops_eval.replay._shadow import Shadow, ShadowCounts, Suppressed
    from agentops_eval.replay._shelf import Drift, Hit, How, Missed, Recorded, Shelf
    from agentops_eval.replay._watched import (
        COMPLETED,
        MISSED,
        AuditCall,
        AuditRead,
        AuditRun,
        Change,
        changed,
    )
    from agentops_eval.replay._writer import CassetteWriter, partials_of

_HOMES = {
    "_alike": "Alike alike",
    "_audit": "MONOTONIC AuditFinding AuditReport Dependence Factor Trial judge_audit",
    "_blobs": "drop_blobs",
    "_branch": "shelf_of_branch",
    "_canonical": "canonical_request raw_key request_key",
    "_cassette": (
        "FORMAT_VERSION Cassette CassetteHeader age_days check_cassette file_digest is_vcr read_cassette"
        " read_partial"
    ),
    "_convert": "Converted convert_cassette",
    "_explain": "request_tree",
    "_names": "CASSETTE_SUFFIX OWN_SUFFIX VCR_SUFFIXES branch_path branches_of case_of is_branch parent_path",
    "_numbers": "Numbered describe numbered",
    "_perturb": "SHIFT_S Perturb another_value mirrored",
    "_player": "Player PlayerStats StandIn",
    "_prune": "Pruned migrate prune",
    "_recover": "recover",
    "_rename": "drop_blobs_of moved_cassette",
    "_rules": "MatchRules",
    "_shadow": "Shadow ShadowCounts Suppressed",
    "_shelf": "Drift Hit How Missed Recorded Shelf",
    "_watched": "COMPLETED MISSED AuditCall AuditRead AuditRun Change changed",
    "_writer": "CassetteWriter partials_of",
}
"""Where each public name lives, by module."""

__all__ = [
    "CASSETTE_SUFFIX",
    "COMPLETED",
    "FORMAT_VERSION",
    "MISSED",
    "MONOTONIC",
    "OWN_SUFFIX",
    "SHIFT_S",
    "VCR_SUFFIXES",
    "Alike",
    "AuditCall",
    "AuditFinding",
    "AuditRead",
    "AuditReport",
    "AuditRun",
    "Cassette",
    "CassetteHeader",
    "CassetteWriter",
    "Change",
    "Converted",
    "Dependence",
    "Drift",
    "Factor",
    "Hit",
    "How",
    "MatchRules",
    "Missed",
    "Numbered",
    "Perturb",
    "Player",
    "PlayerStats",
    "Pruned",
    "Recorded",
    "Shadow",
    "ShadowCounts",
    "Shelf",
    "StandIn",
    "Suppressed",
    "Trial",
    "age_days",
    "alike",
    "another_value",
    "branch_path",
    "branches_of",
    "canonical_request",
    "case_of",
    "changed",
    "check_cassette",
    "convert_cassette",
    "describe",
    "drop_blobs",
    "drop_blobs_of",
    "file_digest",
    "is_branch",
    "is_vcr",
    "judge_audit",
    "migrate",
    "mirrored",
    "moved_cassette",
    "numbered",
    "parent_path",
    "partials_of",
    "prune",
    "raw_key",
    "read_cassette",
    "read_partial",
    "recover",
    "request_key",
    "request_tree",
    "shelf_of_branch",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
