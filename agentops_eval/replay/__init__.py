"""Recordings: kept in cassettes, matched with calls, played back, and told apart from new behaviour."""

from agentops_eval.replay._alike import Alike, alike
from agentops_eval.replay._audit import (
    COMPLETED,
    MISSED,
    MONOTONIC,
    AuditFinding,
    AuditReport,
    Change,
    Factor,
    Probe,
    ProbeCall,
    ProbeRead,
    Trial,
    Verdict,
    changed,
    judge_audit,
)
from agentops_eval.replay._branch import branch_path, branches_of, shelf_of_branch
from agentops_eval.replay._canonical import canonical_request, raw_key, request_key
from agentops_eval.replay._cassette import (
    FORMAT_VERSION,
    Cassette,
    CassetteHeader,
    check_cassette,
    file_digest,
    read_cassette,
    read_partial,
)
from agentops_eval.replay._convert import Converted, convert_cassette
from agentops_eval.replay._explain import request_tree
from agentops_eval.replay._perturb import SHIFT_S, Perturb, another_value, mirrored
from agentops_eval.replay._player import Player, PlayerStats
from agentops_eval.replay._prune import Pruned, migrate, prune
from agentops_eval.replay._rules import MatchRules
from agentops_eval.replay._shelf import Drift, Hit, How, Missed, Shelf
from agentops_eval.replay._writer import CassetteWriter, partials_of, recover

__all__ = [
    "COMPLETED",
    "FORMAT_VERSION",
    "MISSED",
    "MONOTONIC",
    "SHIFT_S",
    "Alike",
    "AuditFinding",
    "AuditReport",
    "Cassette",
    "CassetteHeader",
    "CassetteWriter",
    "Change",
    "Converted",
    "Drift",
    "Factor",
    "Hit",
    "How",
    "MatchRules",
    "Missed",
    "Perturb",
    "Player",
    "PlayerStats",
    "Probe",
    "ProbeCall",
    "ProbeRead",
    "Pruned",
    "Shelf",
    "Trial",
    "Verdict",
    "alike",
    "another_value",
    "branch_path",
    "branches_of",
    "canonical_request",
    "changed",
    "check_cassette",
    "convert_cassette",
    "file_digest",
    "judge_audit",
    "migrate",
    "mirrored",
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
