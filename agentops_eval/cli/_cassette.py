"""``cassette``: look into recordings; converting and keeping them tidy is in ``_upkeep``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

import click

from agentops_eval.cli import _rename, _upkeep
from agentops_eval.cli._output import console, fit, json_option, line, many, plain, print_json, prose, say
from agentops_eval.cli._reading import reading
from agentops_eval.domain import (
    AgentopsError,
    DrawRequest,
    Event,
    Failure,
    HttpReply,
    Json,
    KeptBody,
)

if TYPE_CHECKING:
    from agentops_eval.replay import Cassette, Numbered

_LEAST, _ANSWER, _STATUS = 24, 60, len("200, 1234 bytes")


@click.group()
def cassette() -> None:
    """Look into recordings, convert them, and keep them tidy."""


cassette.add_command(_upkeep.convert)
cassette.add_command(_upkeep.migrate)
cassette.add_command(_upkeep.prune)
cassette.add_command(_upkeep.recover)
cassette.add_command(_rename.rename)


@cassette.command(short_help="List what a recording holds.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--all", "everything", is_flag=True, help="Show readings of clock and entropy too.")
@json_option
def show(file: Path, everything: bool, as_json: bool) -> int:
    """List what FILE holds, one recorded call a line, and say what is odd about it."""
    from agentops_eval.replay import numbered, read_cassette

    with reading(file):
        kept = read_cassette(file)
    calls = numbered(kept.events)
    events = [one for one in calls if everything or not isinstance(one.event.request, DrawRequest)]
    warnings = list(_warnings(kept))
    if as_json:
        print_json(_document(kept, events, warnings))
        return 0
    head = kept.header
    say(f"{line(head.case) or file.name}: {_counted(calls)}, {plain(kept.outcome)}", style="bold")
    say(f"  agent     {line(head.agent) or 'not named'}")
    say(
        f"  recorded  {line(head.recorded_at) or 'at an unknown time'} by {line(head.tool) or 'another tool'}"
    )
    say(f"  format    {_format(kept)}, rules {head.rules[:16] or 'not named'}")
    if head.branch:
        say(f"  branch    {line(head.branch)}, of the recording {head.branch_of[:16]}")
        taken = many(len(kept.prefix), "call")
        prose(f"            which answered {taken}, readings of clock and entropy included", hang=12)
    _say_events(events)
    if hidden := len(kept.events) - len(events):
        say(f"  and {many(hidden, 'reading')} of clock and entropy (--all shows them)")
    for warning in warnings:
        prose(f"  warning: {line(warning, limit=600)}", hang=11, style="yellow")
    return 0


def _counted(calls: Sequence[Numbered]) -> str:
    """How many calls there are, as they are counted in messages, and how many more inside of tools."""
    inside = sum(bool(one.inside) and not isinstance(one.event.request, DrawRequest) for one in calls)
    also = f" and {inside} more inside tools" if inside else ""
    return many(max((one.number for one in calls), default=0), "call") + also


def _say_events(events: Sequence[Numbered]) -> None:
    """One call a line: in columns where they fit, else the answer right behind what was called."""
    if not events:
        return
    digits = max(len(str(one.number)) for one in events)
    seams = max(len(one.event.seam.value) for one in events)
    titles = [line(_title(one.event)) for one in events]
    answers = [_answer(one.event, limit=1_000) for one in events]
    room = max(console().width - digits - seams - 6, _LEAST)
    column, longest = max(map(len, titles)), max(map(len, answers))
    in_columns = column + 2 + min(longest, _ANSWER) <= room
    for one, title, answer in zip(events, titles, answers, strict=True):
        if in_columns:
            text = f"{title:<{column}}  {fit(answer, room - column - 2)}"
        else:
            shown = fit(title, room - 4 - min(len(answer), max(room // 3, _STATUS)), middle=True)
            text = f"{shown} -> {fit(answer, room - len(shown) - 4)}"
        say(f"  {one.number or '':>{digits}}  {one.event.seam.value:<{seams}}  {text}")


def _document(kept: Cassette, events: list[Numbered], warnings: list[str]) -> Json:
    head = kept.header
    return {
        "path": str(kept.path),
        "format": _format(kept),
        "version": head.version,
        "case": head.case,
        "agent": head.agent,
        "recorded_at": head.recorded_at,
        "tool": head.tool,
        "rules": head.rules,
        "branch": head.branch,
        "branch_of": head.branch_of,
        "outcome": kept.outcome,
        "digest": kept.digest,
        "hidden": len(kept.events) - len(events),
        "events": [_event_json(one) for one in events],
        "warnings": list(warnings),
    }


def _event_json(one: Numbered) -> Json:
    event = one.event
    return {
        "call": one.number or None,
        "index": event.index,
        "seam": event.seam.value,
        "boundary": event.boundary,
        "span": event.span,
        "parent": event.parent,
        "label": event.label.value,
        "answer": _answer(event),
        "started_s": event.started_s,
        "ended_s": event.ended_s,
        "key": event.key,
    }


def _format(kept: Cassette) -> str:
    return "vcrpy" if kept.vcr else f"version {kept.header.version}"


def _title(event: Event) -> str:
    inside = "" if event.span == "/" else f"  in {event.span}"
    return event.boundary + inside


def _answer(event: Event, *, limit: int = 60) -> str:
    outcome = event.outcome
    if outcome is None:
        return "no answer (given up)"
    if isinstance(outcome, Failure):
        return f"raised {line(outcome.kind, limit=60)}"
    if isinstance(outcome, HttpReply):
        assert isinstance(outcome.body, KeptBody)
        chunks = len(outcome.body.chunks)
        streamed = f" in {chunks} chunks" if chunks > 1 else ""
        cut = ", cut" if outcome.body.end.kind.value == "cut" else ""
        return f"{outcome.status}, {many(len(outcome.body.data), 'byte')}{streamed}{cut}"
    return line(json.dumps(outcome.value, ensure_ascii=False), limit=limit)


def _warnings(kept: Cassette) -> Iterator[str]:
    """What is odd about a recording that can be read all the same."""
    from agentops_eval.harness import settings_for_reading

    if not kept.vcr:
        yield from _unknown_keys(kept)
    if kept.outcome != "completed":
        yield f"the recorded run did not complete: {kept.outcome}"
    try:
        rules = settings_for_reading(Path.cwd()).match_rules.digest
    except AgentopsError as error:
        yield f"the settings here cannot be read: {error.what}"
    else:
        if kept.header.rules and kept.header.rules != rules:
            yield (
                "recorded under other rules of matching than the settings here say, as a mark may set them: "
                "no harm, a replay that matches by others computes keys anew, which only takes time"
            )
    if kept.header.branch:
        yield from _strangers(kept)


def _strangers(branch: Cassette) -> Iterator[str]:
    from agentops_eval.replay import file_digest, parent_path

    parent = parent_path(branch.path)
    try:
        digest = file_digest(parent)
    except AgentopsError as error:
        yield f"the recording that it left cannot be read: {error.what} ({parent})"
    else:
        if digest != branch.header.branch_of:
            yield f"{parent.name} was recorded anew since this branch left it: record the branch again"


def _unknown_keys(kept: Cassette) -> Iterator[str]:
    """Keys that this release passes over, as a later one may write."""
    documents = [json.loads(text) for text in kept.path.read_bytes().splitlines() if text.strip()]
    known = ({field.name for field in fields(kept.header)}, {field.name for field in fields(Event)})
    heads = (documents[0].get("cassette", {}), *documents[1:-1])
    odd = {key for number, head in enumerate(heads) for key in head if key not in known[min(number, 1)]}
    if odd:
        yield f"keys that this release does not know are passed over: {', '.join(sorted(odd))}"
