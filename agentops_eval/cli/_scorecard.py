"""``scorecard``: how ready an agent is, by the evidence of the project."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._evidenced import keep
from agentops_eval.cli._filters import named, time
from agentops_eval.cli._output import json_option, plain, print_json, say
from agentops_eval.cli._report_file import write_report

if TYPE_CHECKING:
    from agentops_eval.domain import Json, Scorecard
    from agentops_eval.harness.evidencing import ScoreOrder

_FILE = click.Path(path_type=Path)


@click.command(short_help="Say how ready an agent is, and what is missing.")
@click.option("--agent", type=named, metavar="NAME", help="Of this agent; else of the only one there is.")
@click.option(
    "--criteria", type=_FILE, multiple=True, metavar="FILE", help="Extend the criteria. May be repeated."
)
@click.option(
    "--attestations", type=_FILE, multiple=True, metavar="FILE", help="What roles signed. May be repeated."
)
@click.option("--at", type=time, metavar="TIME", help="As of then; now by default (ISO 8601, UTC).")
@click.option(
    "--fail-under",
    "least",
    multiple=True,
    metavar="[DIMENSION=]LEVEL",
    help="Exit code 1 below this level, 0 to 5, of the whole or of a dimension. May be repeated.",
)
@click.option("--compare", metavar="A,B", help="These agents side by side.")
@click.option(
    "--history", type=_FILE, multiple=True, metavar="FILE", help="An earlier scorecard. May be repeated."
)
@click.option("--out", type=_FILE, metavar="FILE", help="Write the scorecard to this file, as JSON.")
@click.option("--badge", type=_FILE, metavar="FILE", help="Write its level as a picture, as SVG.")
@click.option("--all", "everything", is_flag=True, help="Show every gap and every step of the plan.")
@json_option
def scorecard(agent: str | None, compare: str | None, least: tuple[str, ...], **given: Any) -> int:
    """Score an agent in eight dimensions by the evidence below .agentops/evidence.

    A level that nobody demonstrated is not reached, and an average hides nothing: the level of the whole is
    that of the weakest dimension. Exit code 1 where --fail-under asks for more.
    """
    from agentops_eval.harness.evidencing import ScoreOrder, agents_shown, score
    from agentops_eval.scorecard import below, thresholds_of

    thresholds = thresholds_of(least)
    order = ScoreOrder(
        root=Path.cwd(), criteria=given["criteria"], attestations=given["attestations"], at=given["at"]
    )
    shown = agents_shown(order.root)
    if compare is not None:
        return _side_by_side(order, compare, agent, shown, thresholds, given)
    chosen = agent or _only(shown, order.root)
    if order.at is None:
        _look(order.root, chosen)
    card = score(order, [chosen], unnamed=set(shown) <= {chosen})[chosen]
    short = below(card, thresholds)
    _write(card, given)
    _tell(card, short, given)
    return int(bool(short))


def _look(root: Path, agent: str) -> None:
    """See what is in the project's files now, and keep it as evidence like any other."""
    from agentops_eval.harness import settings_for_reading
    from agentops_eval.harness.evidencing import noted_of_project

    settings = settings_for_reading(root)
    keep(settings, lambda: noted_of_project(root, settings, agent))


def _only(shown: Sequence[str], root: Path) -> str:
    """The agent that is meant where none is named: the project's, else the only one in the evidence."""
    from agentops_eval.harness import settings_for_reading
    from agentops_eval.harness.evidencing import UNNAMED

    name = settings_for_reading(root).agent_name
    if name or len(shown) <= 1:
        return name or next(iter(shown), UNNAMED)
    first, both = plain(shown[0]), plain(",".join(shown[:2]))
    raise Misused(
        f"there is evidence of {len(shown)} agents: {plain(', '.join(shown[:10]))}",
        remedy=f"agentops-eval scorecard --agent {first}, or --compare {both}",
    )


def _write(card: Scorecard, given: Mapping[str, Any]) -> None:
    from agentops_eval.scorecard import badge_svg, scorecard_json

    if given["out"] is not None:
        text = json.dumps(scorecard_json(card), indent=1, ensure_ascii=True)
        write_report(given["out"], f"{text}\n".encode())
    if given["badge"] is not None:
        write_report(given["badge"], badge_svg(card).encode("utf-8", "backslashreplace"))


def _tell(card: Scorecard, short: Sequence[str], given: Mapping[str, Any]) -> None:
    from agentops_eval.cli._scorecard_told import say_scorecard, say_trend, trend_json
    from agentops_eval.scorecard import scorecard_json, trend

    points = trend([*map(_earlier, given["history"]), card]) if given["history"] else ()
    if given["as_json"]:
        print_json({**scorecard_json(card), "below": [*short], "trend": trend_json(points)})
        return
    say_scorecard(card, everything=given["everything"])
    if points:
        say_trend(points)
    for name in ("out", "badge"):
        if given[name] is not None:
            say(f"written to {plain(given[name])}", style="dim")
    for text in short:
        say(text, style="red")


def _earlier(path: Path) -> Scorecard:
    """A scorecard that --out wrote. Raises ScorecardInvalid."""
    from agentops_eval.domain import ScorecardInvalid
    from agentops_eval.scorecard import scorecard_from_json

    try:
        told: Json = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        remedy = "name what agentops-eval scorecard --out wrote"
        raise ScorecardInvalid(f"it is no JSON: {error}", where=str(path), remedy=remedy) from None
    return scorecard_from_json(told, where=str(path))


def _side_by_side(
    order: ScoreOrder,
    compare: str,
    agent: str | None,
    shown: Sequence[str],
    thresholds: Mapping[str, int],
    given: Mapping[str, Any],
) -> int:
    from agentops_eval.cli._scorecard_told import comparison_json, say_comparison
    from agentops_eval.harness.evidencing import score
    from agentops_eval.scorecard import below, scorecard_json
    from agentops_eval.scorecard import compare as beside

    agents = list(dict.fromkeys(filter(None, (name.strip() for name in compare.split(",")))))
    if agent is not None or given["out"] or given["badge"] or given["history"] or len(agents) < 2:
        raise Misused(
            "--compare tells of several agents, and writes no file",
            remedy=f"agentops-eval scorecard --compare {plain(','.join(shown[:2]) or 'A,B')}",
        )
    cards = list(score(order, agents).values())
    found = beside(cards)
    short = [f"{one.agent}: {text}" for one in cards for text in below(one, thresholds)]
    if given["as_json"]:
        both: list[Json] = [scorecard_json(one) for one in cards]
        print_json({"scorecards": both, **comparison_json(found), "below": [*short]})
    else:
        say_comparison(found, everything=given["everything"])
        for text in short:
            say(plain(text), style="red")
    return int(bool(short))
