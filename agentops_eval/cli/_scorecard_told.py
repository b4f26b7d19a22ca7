"""How scorecards are told on a terminal: alone, over time, and side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from agentops_eval.cli._output import fit, line, many, prose, say
from agentops_eval.domain import Json

if TYPE_CHECKING:
    from agentops_eval.domain import DimensionScore, Scorecard
    from agentops_eval.scorecard import SideBySide, TrendPoint

_NAME, _SHOWN, _PLAN = 26, 3, 5
_STAND_INS = {
    "MODULE:AGENT stands for your agent and its arguments": "MODULE:AGENT",
    "traces/*.otlp.jsonl for traces of its runs, such as RESULTS.traces/* of a suite": "traces/*.otlp.jsonl",
}
"""What commands of criteria cannot know, and what it is in them."""


def say_scorecard(card: Scorecard, *, everything: bool, dated: bool) -> None:
    """Levels, what blocks the next one, harm, the plan, what was refused; ``dated`` is as of a given time."""
    style = "red" if card.unsafe else "bold"
    prose(f"{line(card.agent)}: level {card.level} of 5, as of {card.at}", style=style)
    prose(f"{many(card.items, 'item')} of evidence, criteria {line(card.criteria)}", style="dim")
    if not card.items and not dated:
        prose(
            "evidence is kept where pyproject.toml has a table [tool.agentops]; what the agent is for, and "
            'whose it is, stands there too: [tool.agentops.agents.NAME] with purpose = "..." and '
            'owner = "role:..."',
            style="yellow",
        )
    say()
    say(f"{'dimension':{_NAME}} level  score  next level", style="bold")
    for one in card.dimensions:
        _say_dimension(one, card)
    for cap in card.unsafe:
        prose(f"unsafe: {line(cap.reason)}", hang=8, style="bold red")
    _say_gaps(card, everything=everything)
    _say_plan(card, everything=everything)
    if card.refused:
        say()
        say("not counted", style="bold")
        for text in card.refused if everything else card.refused[:_PLAN]:
            prose(f"  {line(text)}", hang=4, style="yellow")
        _say_more(len(card.refused) - _PLAN, everything=everything)


def _say_dimension(one: DimensionScore, card: Scorecard) -> None:
    """A line, and what holds it down; harm is told of the whole card, and counted here."""
    harm = sum(cap in card.unsafe for cap in one.caps)
    waits = f"waits for {many(len(one.blocking), 'criterion')}" if one.blocking else ""
    waits = waits.replace("criterions", "criteria")
    capped = f"capped: it would be {one.uncapped}" if one.uncapped > one.level else ""
    unsafe = f"{harm} unsafe" if harm else ""
    told = ", ".join(filter(None, (unsafe, capped, waits))) or "the highest"
    style = "red" if one.caps else ""
    prose(
        f"{fit(line(one.name), _NAME):{_NAME}} {one.level:>5}  {one.score:>5.0f}  {told}",
        hang=_NAME + 15,
        style=style,
    )
    for cap in one.caps:
        if cap not in card.unsafe:
            prose(f"  {line(cap.reason)}", hang=4, style="red")


def _say_gaps(card: Scorecard, *, everything: bool) -> None:
    reasons = {gap.criterion: gap for gap in card.gaps}
    wanted = {name for one in card.dimensions for name in one.blocking}
    for one in card.dimensions:
        names = [gap.criterion for gap in card.gaps if gap.dimension == one.name]
        names = names if everything else [name for name in names if name in wanted]
        if not names:
            continue
        say()
        say(line(one.name), style="bold")
        for name in names if everything else names[:_SHOWN]:
            gap = reasons[name]
            prose(f"  {gap.standing.value:8} {line(name)}, level {gap.level}: {line(gap.reason)}", hang=11)
        _say_more(len(names) - _SHOWN, everything=everything)


def _say_plan(card: Scorecard, *, everything: bool) -> None:
    if not card.plan:
        return
    say()
    say("what to do first", style="bold")
    steps = card.plan if everything else card.plan[:_PLAN]
    for number, one in enumerate(steps, start=1):
        opens = f"opens {', '.join(one.opens)}" if one.opens else ""
        told = ", ".join(filter(None, (line(one.owner), line(opens))))
        prose(f"  {number}. {line(one.what)}{f' ({told})' if told else ''}", hang=5)
        if one.command:
            say(f"     {line(one.command)}", style="dim")
    _say_more(len(card.plan) - _PLAN, everything=everything)
    stand_ins = [text for text, sign in _STAND_INS.items() if any(sign in one.command for one in steps)]
    if stand_ins:
        prose(f"  {', '.join(stand_ins)}", hang=2, style="dim")


def _say_more(count: int, *, everything: bool) -> None:
    if count > 0 and not everything:
        say(f"  and {count} more, with --all", style="dim")


def say_trend(points: Sequence[TrendPoint]) -> None:
    """Earlier scorecards and this one, a line each, with what changed."""
    say()
    say("over time", style="bold")
    for one in points:
        told = [f"level {one.level}", f"{len(one.gained)} gained", f"{len(one.lost)} lost"]
        told += [f"{one.unsafe} unsafe"] if one.unsafe else []
        told += ["by other criteria"] if one.moved else []
        prose(f"  {one.at}  {', '.join(told)}", hang=4)


def trend_json(points: Iterable[TrendPoint]) -> list[Json]:
    """The same for scripts."""
    return [
        {
            "at": one.at,
            "level": one.level,
            "levels": dict(one.levels),
            "gained": list(one.gained),
            "lost": list(one.lost),
            "unsafe": one.unsafe,
            "moved": one.moved,
        }
        for one in points
    ]


def say_comparison(found: SideBySide, *, everything: bool) -> None:
    """A column an agent, and the criteria in which they differ."""
    width = max(8, min(16, (76 - _NAME) // len(found.agents) - 2))
    say(_columns("level", found.agents, width), style="bold")
    for name, levels in found.levels.items():
        say(_columns(name, ["-" if one is None else str(one) for one in levels], width))
    if any(found.unsafe):
        say(_columns("unsafe", list(map(str, found.unsafe)), width), style="red")
    if not found.same_criteria:
        say("they were made by different criteria: levels do not compare", style="yellow")
    if found.apart:
        say()
        say("they differ in", style="bold")
    for one in found.apart if everything else found.apart[:10]:
        told = ["-" if standing is None else standing.value for standing in one.standings]
        prose(f"  {line(one.criterion)}: {', '.join(told)}", hang=4)
    _say_more(len(found.apart) - 10, everything=everything)


def _columns(name: str, values: Sequence[str], width: int) -> str:
    cells = "".join(f"  {fit(line(value), width):>{width}}" for value in values)
    return f"{fit(line(name), _NAME):{_NAME}}{cells}"


def comparison_json(found: SideBySide) -> dict[str, Json]:
    """The same for scripts."""
    return {
        "agents": list(found.agents),
        "levels": {name: list(values) for name, values in found.levels.items()},
        "unsafe": list(found.unsafe),
        "apart": [
            {
                "criterion": one.criterion,
                "title": one.title,
                "standings": [None if standing is None else standing.value for standing in one.standings],
            }
            for one in found.apart
        ],
        "same_criteria": found.same_criteria,
    }
