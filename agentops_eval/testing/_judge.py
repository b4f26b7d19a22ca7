"""A scripted judge: rules for an ``LlmServer`` that answers as judges are asked to."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from agentops_eval.domain import Json
from agentops_eval.testing._conversation import Conversation
from agentops_eval.testing._rules import Action, Rule, Say

Shown: TypeAlias = Mapping[str, str]
"""What the judge is shown, by name: ``input``, ``answer``, ``calls``, ``reference``, ``state``; in a pair
``first`` and ``second``."""

Opine: TypeAlias = Callable[[Shown], "str | int | None | Mapping[str, Json]"]

_CHECK = re.compile(r'\{"check": "([0-9a-f]{16})"')
_PART = re.compile(r"<<<BEGIN (\w+) ([0-9a-f]{16})>>>\n(.*?)\n<<<END \1 \2>>>", re.DOTALL)


def judge_rules(opine: Opine, *, reason: str = "It was scripted so.") -> tuple[Rule, ...]:
    """Rules that let ``opine`` judge whatever an ``LlmServer`` is asked to judge.

    It is given what the judge is shown, and returns ``pass``, ``fail`` or ``unknown``, a grade, for a
    pair ``first``, ``second`` or ``tie``, or the members of the reply themselves. Conversations that
    are no judge's are left to other rules.
    """

    def answer(conversation: Conversation) -> Action:
        found = _CHECK.search(conversation.system)
        assert found is not None
        said = opine(shown_to(conversation))
        body: dict[str, Json] = {"check": found[1], "reason": reason, "quotes": []}
        if isinstance(said, Mapping):
            body |= said
        elif said in ("first", "second", "tie"):
            body["better"] = said
        elif isinstance(said, str):
            body |= {"verdict": said, "better": said}
        else:
            body["grade"] = said
        return Say(json.dumps(body))

    return (Rule(when=is_judging, then=answer, name="judge"),)


def is_judging(conversation: Conversation) -> bool:
    """Whether an llm is asked to judge."""
    return conversation.system.startswith("You judge one answer") and bool(_CHECK.search(conversation.system))


def shown_to(conversation: Conversation) -> Shown:
    """What a judge is shown, by name."""
    return {name: text for name, _, text in _PART.findall(conversation.user)}
