"""Audit records for people: a line for each question that an auditor asks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from decimal import Decimal

from agentops_eval.cli._output import line, prose, say
from agentops_eval.domain import Json
from agentops_eval.traces.llm import _parts as p

_HANG = 14
_SHOWN_GAPS = 20
_NOT_TOLD = "not told"


def say_record(record: Mapping[str, Json]) -> None:
    """One action; what is not told is said to be so."""
    name = line(record["action"], limit=80)
    when = record["started"] or "at an unknown time"
    where = "span" if record["told_by"] == "span" else "told by llm messages of span"
    prose(f"  {name}  {record['effect']} ({_by(record)}), {when}, {where} {record['span_id']}", hang=4)
    for title, told in _told(record):
        style = "yellow" if told == _NOT_TOLD else ""
        prose(f"    {title:<9} {told}", hang=_HANG, style=style)
    say()


def _told(record: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    yield "by", _who(record)
    authority = record["authority"]
    told_by = line(record["authority_told_by"], limit=60)
    yield "authority", _NOT_TOLD if authority is None else f"{line(authority, limit=120)} ({told_by})"
    yield "why", _why(p.obj(record["decision"]))
    yield "given", _short(record["arguments"])
    touched = [line(p.obj(one).get("name"), limit=60) for one in p.arr(record["touched"])]
    more = record["touched_more"]
    yield "read", ", ".join([*touched, *([f"and {more} more"] if more else [])]) or "nothing before"
    yield "approval", _approval(p.obj(record["approval"]))
    error = record["error"]
    yield "result", f"failed: {line(error)}" if error is not None else _short(record["result"])
    key = record["idempotency_key"]
    if key is not None:
        yield "key", line(key, limit=120)
    cost = record["cost_usd"]
    known = isinstance(cost, str)
    yield "cost", f"${Decimal(str(cost)):.6f} ({record['cost_source']})" if known else _NOT_TOLD


def _by(record: Mapping[str, Json]) -> str:
    return {"trace": "as told", "user": "as you say"}.get(str(record["effect_told_by"]), "by its method")


def _who(record: Mapping[str, Json]) -> str:
    """The agents from the root to the one that acted."""
    shown: list[str] = []
    for one in p.arr(record["chain"]):
        actor = p.obj(one)
        name = line(actor.get("name") or "an agent without a name", limit=60)
        identity = "" if actor.get("agent_id") is None else f" [{line(actor.get('agent_id'), limit=60)}]"
        shown.append(f"{name}{identity}")
    return " > ".join(shown) or _NOT_TOLD


def _why(decision: Mapping[str, Json]) -> str:
    reason, chosen = decision.get("reason"), decision.get("chosen")
    told = [f"chose {line(chosen, limit=80)}"] if chosen is not None else []
    options = [line(one, limit=40) for one in p.arr(decision.get("options"))]
    if options:
        told.append(f"of {', '.join(options[:10])}")
    if reason is not None:
        told.append(f"{line(reason, limit=300)} ({decision.get('stated_by')})")
    if decision.get("confidence") is not None:
        told.append(f"confidence {decision.get('confidence')}")
    return "; ".join(told) if reason is not None else "; ".join([*told, _NOT_TOLD])


def _approval(found: Mapping[str, Json]) -> str:
    if not found:
        return "none"
    who = f" by {line(found.get('approver'), limit=80)}" if found.get("approver") is not None else ""
    parts = [f"{line(found.get('status') or 'status not told', limit=40)}{who}"]
    wait = found.get("wait_ms")
    if isinstance(wait, (int, float)):
        parts.append(f"after {wait / 1000:.1f} s")
    if found.get("policy") is not None:
        parts.append(f"policy {line(found.get('policy'), limit=80)}")
    if found.get("joined") == "before":
        parts.append(f"asked about {line(found.get('asked') or 'something else', limit=60)}")
    return ", ".join(parts)


def _short(value: Json) -> str:
    if value is None:
        return _NOT_TOLD
    if isinstance(value, str):
        return line(value, limit=160)
    return line(json.dumps(value, ensure_ascii=False), limit=160)


def say_gaps(missing: Counter[tuple[str, str, str]]) -> None:
    """What is not told, the most frequent first, and how to have it told."""
    if not missing:
        return
    say()
    say("Not told:", style="bold")
    for (field, why, fix), count in missing.most_common(_SHOWN_GAPS):
        prose(f"  {count:>5}  {line(field)}: {line(why)}", hang=9, style="yellow")
        prose(f"         {line(fix)}", hang=9, style="dim")
    if len(missing) > _SHOWN_GAPS:
        say(f"  and {len(missing) - _SHOWN_GAPS} more kinds (--json lists all)")
