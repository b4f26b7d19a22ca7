"""Parts of the messages that spans keep as JSON."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from agentops_eval.domain import Json
from agentops_eval.traces.llm import Part
from agentops_eval.traces.llm import _parts as p
from agentops_eval.traces.llm._wire import load_json


def parts_of(messages: str, kind: str) -> Iterator[Part]:
    """The parts of one type in messages that are kept as JSON."""
    if f'"{kind}"' not in messages:  # spares reading most of them
        return
    for message in p.arr(spelled(messages)):
        for part in p.arr(p.obj(message).get("parts")):
            found = p.obj(part)
            if found.get("type") == kind:
                yield found


def spelled(text: str) -> Json:
    """The JSON document that a text spells, None where it spells none; quick where it is as it should be."""
    try:
        found: Json = msgspec.json.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return load_json(text)
    return found
