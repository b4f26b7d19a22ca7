"""Evidence on disk: an append-only, hash-chained store below ``.agentops/``, and what writes to it.

Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.harness.evidencing._agents import UNNAMED, agent_called, agent_meant
    from agentops_eval.harness.evidencing._items import (
        EVIDENCE,
        PROOFS,
        Doubt,
        KeptEvidence,
        moment,
        name_kept,
    )
    from agentops_eval.harness.evidencing._looks_chaos import noted_of_project
    from agentops_eval.harness.evidencing._manifest import (
        Manifest,
        Mark,
        manifest_of,
        read_manifest,
        write_manifest,
    )
    from agentops_eval.harness.evidencing._note import (
        Noted,
        keep_evidence,
        note_evidence,
        wants_evidence,
    )
    from agentops_eval.harness.evidencing._of_chaos import (
        exploration_document,
        journal_proofs,
        noted_of_checks,
        noted_of_exploration,
        noted_of_gameday,
        noted_of_impacts,
        noted_of_journals,
    )
    from agentops_eval.harness.evidencing._of_evals import (
        Replayed,
        SuitesRun,
        Varied,
        golden_name,
        noted_of_audited,
        noted_of_calibration,
        noted_of_decision,
        noted_of_replays,
        noted_of_suites,
    )
    from agentops_eval.harness.evidencing._of_operations import (
        Operations,
        noted_of_calibrated,
        noted_of_drift,
        noted_of_forecast,
        noted_of_incidents,
        noted_of_objectives,
        noted_of_tiers,
    )
    from agentops_eval.harness.evidencing._of_results import noted_of_judged, noted_of_session
    from agentops_eval.harness.evidencing._of_traces import (
        ATTRIBUTED,
        AuditTally,
        Witness,
        is_whole,
        noted_of_audit,
        noted_of_levels,
        noted_of_lint,
    )
    from agentops_eval.harness.evidencing._read import Reading, Shard
    from agentops_eval.harness.evidencing._score import (
        ScoreOrder,
        agents_shown,
        is_taken,
        load_criteria,
        score,
    )
    from agentops_eval.harness.evidencing._shard_file import ShardFile
    from agentops_eval.harness.evidencing._sources import digest_of_file

_HOMES = {
    "_agents": "UNNAMED agent_called agent_meant",
    "_items": "EVIDENCE PROOFS Doubt KeptEvidence moment name_kept",
    "_looks_chaos": "noted_of_project",
    "_manifest": "Manifest Mark manifest_of read_manifest write_manifest",
    "_note": "Noted keep_evidence note_evidence wants_evidence",
    "_of_chaos": "exploration_document journal_proofs noted_of_checks noted_of_exploration noted_of_gameday"
    " noted_of_impacts noted_of_journals",
    "_of_evals": "Replayed SuitesRun Varied golden_name noted_of_audited noted_of_calibration"
    " noted_of_decision noted_of_replays noted_of_suites",
    "_of_operations": "Operations noted_of_calibrated noted_of_drift noted_of_forecast noted_of_incidents"
    " noted_of_objectives noted_of_tiers",
    "_of_results": "noted_of_judged noted_of_session",
    "_of_traces": "ATTRIBUTED AuditTally Witness is_whole noted_of_audit noted_of_levels noted_of_lint",
    "_read": "Reading Shard",
    "_score": "ScoreOrder agents_shown is_taken load_criteria score",
    "_shard_file": "ShardFile",
    "_sources": "digest_of_file",
}
"""Where each public name lives, by module."""

__all__ = [
    "ATTRIBUTED",
    "EVIDENCE",
    "PROOFS",
    "UNNAMED",
    "AuditTally",
    "Doubt",
    "KeptEvidence",
    "Manifest",
    "Mark",
    "Noted",
    "Operations",
    "Reading",
    "Replayed",
    "ScoreOrder",
    "Shard",
    "ShardFile",
    "SuitesRun",
    "Varied",
    "Witness",
    "agent_called",
    "agent_meant",
    "agents_shown",
    "digest_of_file",
    "exploration_document",
    "golden_name",
    "is_taken",
    "is_whole",
    "journal_proofs",
    "keep_evidence",
    "load_criteria",
    "manifest_of",
    "moment",
    "name_kept",
    "note_evidence",
    "noted_of_audit",
    "noted_of_audited",
    "noted_of_calibrated",
    "noted_of_calibration",
    "noted_of_checks",
    "noted_of_decision",
    "noted_of_drift",
    "noted_of_exploration",
    "noted_of_forecast",
    "noted_of_gameday",
    "noted_of_impacts",
    "noted_of_incidents",
    "noted_of_journals",
    "noted_of_judged",
    "noted_of_levels",
    "noted_of_lint",
    "noted_of_objectives",
    "noted_of_project",
    "noted_of_replays",
    "noted_of_session",
    "noted_of_suites",
    "noted_of_tiers",
    "read_manifest",
    "score",
    "wants_evidence",
    "write_manifest",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
