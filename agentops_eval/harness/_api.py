"""``recording`` and ``replaying``: runs outside pytest, for scripts, notebooks and the CLI."""

from __future__ import annotations

from dataclasses import replace as _replace
from pathlib import Path

from agentops_eval.harness._run import ActiveRun, open_run
from agentops_eval.harness._settings import RecordMode, Settings, load_settings, refuse_in_ci
from agentops_eval.seams import Approver


def recording(
    path: str | Path,
    *,
    agent: str = "agent",
    case: str = "",
    settings: Settings | None = None,
    approver: Approver | str | None = None,
) -> ActiveRun:
    """Record what the ``with`` body does into the cassette at ``path``.

    An existing recording is replaced only once the new one is complete. ``approver`` answers
    ``approve()``: a callable that takes the request, or a word for one that always approves (approve),
    always rejects (reject) or never answers (silent). Raises RecordingRefused while ``CI`` is set, and
    ConfigInvalid for any other approver.
    """
    import os

    given = settings or load_settings(Path.cwd())
    chosen = refuse_in_ci(_replace(given, record=RecordMode.ALL), os.environ)
    return open_run(Path(path), chosen, agent=agent, case=case, approver=approver)


def replaying(
    path: str | Path,
    *,
    agent: str = "agent",
    case: str = "",
    settings: Settings | None = None,
    approver: Approver | str | None = None,
) -> ActiveRun:
    """Replay the cassette at ``path`` for the ``with`` body: no socket opens, no tool body runs.

    Leaving the body raises ReplayMiss if anything was asked for that the recording cannot answer.
    Raises CassetteMissing, CassetteCorrupt and their kin before the body runs.
    """
    given = settings or load_settings(Path.cwd())
    chosen = _replace(given, record=RecordMode.NONE)
    remedy = f"record it: agentops-eval record MODULE:CALLABLE --cassette {path}"
    return open_run(Path(path), chosen, agent=agent, case=case, approver=approver, rerecord=remedy)
