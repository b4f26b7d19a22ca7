"""``evidence list``: what was shown, a line an item."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops_eval.cli._evidence_options import Wanted, choosing, item_json
from agentops_eval.cli._output import console, fit, json_option, line, many, print_json, prose, say

if TYPE_CHECKING:
    from agentops_eval.domain import Evidence
    from agentops_eval.harness.evidencing import KeptEvidence

_STYLES = {"pass": "green", "fail": "red", "unknown": "yellow", "unsafe": "bold red"}
_AT, _AGENT, _KIND, _VERDICT = 16, 16, 13, 7


@click.command("list", short_help="List evidence, a line an item.")
@choosing
@json_option
def listing(as_json: bool, **conditions: Any) -> int:
    """List what commands and tests have shown, the oldest shard first. Times are UTC.

    An item that does not count is named with the reason. Exit code 1 where there is no evidence.
    """
    from agentops_eval.harness.evidencing import Reading

    wanted = Wanted(**conditions)
    reading = Reading(Path.cwd())
    found = filter(wanted.fits, reading)
    if as_json:
        items = [item_json(kept) for kept in found]
        print_json({"items": items, "count": len(items), "shards": len(reading.shards)})
        return 0 if items else 1
    count = left_out = 0
    for kept in found:
        if not count:
            say(_row("shown", "agent", "kind", "verdict", "subject"), style="bold")
        count += 1
        left_out += not kept.counts
        _say(kept)
    if not count:
        say_nothing(reading_items=sum(shard.items for shard in reading.shards))
        return 1
    say()
    told = f", {left_out} of which {'does' if left_out == 1 else 'do'} not count" if left_out else ""
    prose(f"{many(count, 'item')}{told}", style="dim")
    return 0


def say_nothing(*, reading_items: int) -> None:
    """Say why there is nothing to tell of."""
    if reading_items:
        say(f"none of {many(reading_items, 'item')} fits; all of them:  agentops-eval evidence list")
        return
    say("there is no evidence here; with [tool.agentops] in pyproject.toml commands and tests write it:")
    say("agentops-eval trace lint FILE")


def _say(kept: KeptEvidence) -> None:
    item = kept.evidence
    if item is not None:
        word = "unsafe" if item.unsafe else item.verdict.value
        say(_row(_when(item), item.agent, item.kind, word, item.subject), style=_style(kept, word))
        if item.harms:
            prose(f"  {line(', '.join(item.harms))}: {line(item.says)}", hang=4, style=_style(kept, word))
            prose(f"  {line(item.source)}", style="dim")
    if not kept.counts:
        assert kept.doubt is not None
        prose(f"  {kept.doubt.value}: {line(kept.reason)}  {line(kept.place)}", hang=4, style="red")


def _style(kept: KeptEvidence, word: str) -> str:
    return _STYLES[word] if kept.counts else "dim"


def _when(item: Evidence) -> str:
    from datetime import UTC

    from agentops_eval.harness.evidencing import moment

    at = moment(item.at)
    return item.at if at is None else at.astimezone(UTC).strftime("%Y-%m-%d %H:%M")


def _row(at: str, agent: str, kind: str, verdict: str, subject: str) -> str:
    left = f"{_cell(at, _AT)} {_cell(agent, _AGENT)} {_cell(kind, _KIND)} {_cell(verdict, _VERDICT)} "
    return left + fit(line(subject), max(console().width - len(left), 20), middle=True)


def _cell(text: str, width: int) -> str:
    return fit(line(text), width, middle=True).ljust(width)
