"""Recovering an interrupted recording under the project's settings."""

from __future__ import annotations

from pathlib import Path

from agentops_eval.harness._keys import key_of, redactor_of
from agentops_eval.harness._settings import Settings
from agentops_eval.replay import recover


def recover_recording(partial: Path, settings: Settings, *, target: Path | None = None) -> Path:
    """Make a cassette of what an interrupted recording saw; raises what ``replay.recover`` does."""
    redactor = redactor_of(settings)
    key = key_of(settings, redactor)
    return recover(partial, redactor=redactor, key=key, rules=settings.match_rules.digest, target=target)
