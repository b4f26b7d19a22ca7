"""Recovering an interrupted recording under the project's settings."""

from __future__ import annotations

import os
from pathlib import Path

from agentops_eval.domain import Event
from agentops_eval.harness._settings import Settings
from agentops_eval.replay import recover, request_key
from agentops_eval.traces.redaction import Redactor


def recover_recording(partial: Path, settings: Settings, *, target: Path | None = None) -> Path:
    """Make a cassette of what an interrupted recording saw; raises what ``replay.recover`` does."""
    rules = settings.match_rules
    redactor = Redactor(settings.redaction_rules)
    redactor.learn_environment(os.environ)

    def key(event: Event) -> str:
        return request_key(event.seam, event.boundary, event.request, rules=rules, redactor=redactor)

    return recover(partial, redactor=redactor, key=key, rules=rules.digest, target=target)
