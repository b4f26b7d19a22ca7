"""JSON lines: a scenario a line."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.documents import Document, Place, json_rows, refuse_extremes
from agentops_eval.domain import Json
from agentops_eval.evals.suites._kind import SCENARIO_FILE

# A first line that has none of these is no scenario: it is the head.
_OF_SCENARIOS = frozenset({"id", "title", "input", "user"})


def read_jsonl(text: str, name: str) -> Document:
    """A scenario a line; the first may be the head instead. Raises ScenarioInvalid with the line."""
    rows = json_rows(text, name, SCENARIO_FILE)
    head: Mapping[str, Json] = {}
    if rows and isinstance(rows[0][1], dict) and not rows[0][1].keys() & _OF_SCENARIOS:
        head = rows.pop(0)[1]  # type: ignore[assignment]  # it is a dict, as was just asked
        if "scenarios" in head:
            what = "the head of JSON lines has no scenarios: each has a line of its own"
            raise SCENARIO_FILE.unreadable(
                name, what, line=1, remedy="name the file .json where it is one document"
            )
    places = [line for line, _ in rows]
    value: Json = {**head, "scenarios": [scenario for _, scenario in rows]}
    refuse_extremes(value, name, SCENARIO_FILE)

    def line_of(place: Place) -> int:
        inside = len(place) > 1 and place[0] == "scenarios" and isinstance(place[1], int)
        index = place[1] if inside else 0
        assert isinstance(index, int)
        return places[index] if inside and index < len(places) else 1

    return Document(name=name, value=value, line_of=line_of)
