"""How recordings are redacted and their calls found again, as the project's settings say."""

from __future__ import annotations

import os
from collections.abc import Callable

from agentops_eval.domain import Event
from agentops_eval.harness._settings import Settings
from agentops_eval.replay import request_key
from agentops_eval.traces.redaction import Redactor


def redactor_of(settings: Settings) -> Redactor:
    """A redactor under the project's rules that knows the secrets in the environment."""
    redactor = Redactor(settings.redaction_rules)
    redactor.learn_environment(os.environ)
    return redactor


def key_of(settings: Settings, redactor: Redactor) -> Callable[[Event], str]:
    """The function that gives an event the key under which a replay looks for it."""
    rules = settings.match_rules

    def key(event: Event) -> str:
        return request_key(event.seam, event.boundary, event.request, rules=rules, redactor=redactor)

    return key
