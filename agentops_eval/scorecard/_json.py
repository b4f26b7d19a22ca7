"""A scorecard as JSON and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from agentops_eval.documents import in_words
from agentops_eval.domain import Json, Scorecard, ScorecardInvalid

FORMAT = "agentops-scorecard"
VERSION = 1
_RENAMED = {"caps": "capped_by"}
_REMEDY = "make it again:  agentops-eval scorecard --json"


def scorecard_json(scorecard: Scorecard) -> dict[str, Json]:
    """The scorecard for machines; the keys are those of the reference."""
    told: dict[str, Any] = msgspec.to_builtins(scorecard)
    told["dimensions"] = [_renamed(one, _RENAMED) for one in told["dimensions"]]
    return {"format": FORMAT, "version": VERSION, **told}


def scorecard_from_json(value: Json, *, where: str = "") -> Scorecard:
    """The scorecard that ``scorecard_json`` told; keys that are not known are passed over.

    Raises ScorecardInvalid for anything else, with the place of what is wrong.
    """
    if not isinstance(value, Mapping) or value.get("format") != FORMAT:
        raise ScorecardInvalid("it is no scorecard", where=where, remedy=_REMEDY)
    if value.get("version") != VERSION:
        what = f"it is a scorecard of version {value.get('version')!r}, and {VERSION} is read here"
        raise ScorecardInvalid(what, where=where, remedy=_REMEDY)
    told = dict(value)
    back = {new: old for old, new in _RENAMED.items()}
    if isinstance(told.get("dimensions"), list):
        told["dimensions"] = [_renamed(one, back) for one in told["dimensions"]]  # type: ignore[union-attr]
    try:
        return msgspec.convert(told, Scorecard)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:  # the latter for half a letter
        raise ScorecardInvalid(in_words(str(error)), where=where, remedy=_REMEDY) from None


def _renamed(one: Any, names: Mapping[str, str]) -> Any:
    return {names.get(key, key): value for key, value in one.items()} if isinstance(one, Mapping) else one
