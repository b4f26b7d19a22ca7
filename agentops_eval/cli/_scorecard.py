"""``scorecard``: how ready an agent is, by the evidence of the project."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._evidenced import keep
from agentops_eval.cli._filters import named, time
from agentops_eval.cli._output import json_option, plain, print_json, say
from agentops_eval.cli._report_file import say_written, write_report

if TYPE_CHECKING:
    from agentops_eval.domain import Json, Scorecard
    from agentops_eval.harness.evidencing import ScoreOrder
    from agentops_eval.scorecard import SideBySide, TrendPoint

_FILE = click.Path(path_type=Path)
_WRITTEN = ("out", "html", "markdown", "badge")


@click.command(short_help="Say how ready an agent is, and what is missing.")
@click.option("--agent", type=named, metavar="NAME", help="Of this agent; else of the only one there is.")
@click.option(
    "--criteria",
    type=_FILE,
    multiple=True,
    metavar="FILE",
    help="Extend or replace the criteria. May be repeated.",
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
@click.option("--html", type=_FILE, metavar="FILE", help="Write it to this file, as a page to read.")
@click.option("--markdown", type=_FILE, metavar="FILE", help="Write it to this file, as Markdown.")
@click.option("--badge", type=_FILE, metavar="FILE", help="Write its level as a picture, as SVG.")
@click.option("--all", "everything", is_flag=True, help="Show every gap and every step of the plan.")
@json_option
def scorecard(agent: str | None, compare: str | None, least: tuple[str, ...], **given: Any) -> int:
    """Score an agent in eight dimensions by the evidence below .agentops/evidence.

    A level that nobody demonstrated is not reached, and an average hides nothing: the level of the whole is
    that of the weakest dimension. Exit code 1 where --fail-under asks for more.
    """
    from agentops_eval.harness.evidencing import ScoreOrder, agents_shown, score
    from agentops_eval.scorecard import below, thresholds_of, trend

    thresholds = thresholds_of(least)
    order = ScoreOrder(
        root=Path.cwd(), criteria=given["criteria"], attestations=given["attestations"], at=given["at"]
    )
    shown = agents_shown(order.root)
    if compare is not None:
        return _side_by_side(order, compare, agent, shown, thresholds, given)
    chosen = _known(agent, shown, order.root) if agent else _only(shown, order.root)
    if order.at is None:
        _look(order.root, chosen)
    card = score(order, [chosen], unnamed=set(shown) <= {chosen})[chosen]
    short = below(card, thresholds)
    points = trend([*map(_earlier, given["history"]), card]) if given["history"] else ()
    _write(card, given)
    _write_texts(card, given, points=points, thresholds=thresholds)
    _tell(card, points, short, given)
    return int(bool(short))


def _look(root: Path, agent: str) -> None:
    """See what is in the project's files now, and keep it as evidence like any other."""
    from agentops_eval.harness import settings_for_reading
    from agentops_eval.harness.evidencing import noted_of_project

    settings = settings_for_reading(root)
    keep(settings, lambda: noted_of_project(root, settings, agent))


def _known(agent: str, shown: Sequence[str], root: Path) -> str:
    """That agent, unless it is misspelt: to look at it would make it an agent of level 0."""
    from agentops_eval.domain import nearest
    from agentops_eval.harness import settings_for_reading
    from agentops_eval.harness.evidencing import agents_known

    names = agents_known(root, settings_for_reading(root), shown)
    if agent in names or not names:
        return agent
    what = f"nothing was shown of {plain(agent)}, and no inventory names it"
    raise Misused(what, remedy=plain(nearest(agent, names)))


def _only(shown: Sequence[str], root: Path) -> str:
    """The agent that is meant where none is named: the project's, else the only one in the evidence."""
    from agentops_eval.harness import settings_for_reading
    from agentops_eval.harness.evidencing import agent_meant

    name = agent_meant(settings_for_reading(root), shown)
    if name:
        return name
    first, both = shlex.quote(plain(shown[0])), shlex.quote(plain(",".join(shown[:2])))
    raise Misused(
        f"there is evidence of {len(shown)} agents: {plain(', '.join(shown[:10]))}",
        remedy=f"agentops-eval scorecard --agent {first}, or --compare {both}",
    )


def _write(card: Scorecard, given: Mapping[str, Any]) -> None:
    from agentops_eval.scorecard import badge_svg, scorecard_json

    if given["out"] is not None:
        text = json.dumps(scorecard_json(card), indent=1, ensure_ascii=True)
        write_report(given["out"], f"{text}\n")
    if given["badge"] is not None:
        write_report(given["badge"], badge_svg(card))


def _write_texts(
    card: Scorecard,
    given: Mapping[str, Any],
    *,
    thresholds: Mapping[str, int],
    points: Sequence[TrendPoint] = (),
    beside: SideBySide | None = None,
) -> None:
    """Write what people read: the page, whose links lead from its folder into the project, and Markdown."""
    from agentops_eval.reports import scorecard_html, scorecard_markdown

    if given["html"] is not None:
        root = _way_to(Path.cwd(), given["html"])
        text = scorecard_html(card, trend=points, beside=beside, thresholds=thresholds, root=root)
        write_report(given["html"], text)
    if given["markdown"] is not None:
        text = scorecard_markdown(card, trend=points, thresholds=thresholds)
        write_report(given["markdown"], text)


def _way_to(root: Path, page: Path) -> str:
    """How a link on the page begins that leads into ``root``: ``../`` and so on."""
    way = Path(os.path.relpath(root, page.resolve().parent)).as_posix()
    return "" if way == "." else f"{way}/"


def _tell(
    card: Scorecard, points: Sequence[TrendPoint], short: Sequence[str], given: Mapping[str, Any]
) -> None:
    from agentops_eval.cli._scorecard_told import say_scorecard, say_trend, trend_json
    from agentops_eval.scorecard import scorecard_json

    if given["as_json"]:
        print_json({**scorecard_json(card), "below": [*short], "trend": trend_json(points)})
        return
    say_scorecard(card, everything=given["everything"], dated=given["at"] is not None)
    if points:
        say_trend(points)
    _say_files(given)
    for text in short:
        say(text, style="red")


def _say_files(given: Mapping[str, Any]) -> None:
    for name in _WRITTEN:
        if given[name] is not None:
            say_written(given[name])


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
    alone = [given[name] for name in ("out", "markdown", "badge", "history")]
    if agent is not None or any(alone) or len(agents) < 2:
        raise Misused(
            "--compare tells of several agents, and writes no file but --html",
            remedy=f"agentops-eval scorecard --compare {shlex.quote(plain(','.join(shown[:2]) or 'A,B'))}",
        )
    for name in agents:
        _known(name, shown, order.root)
    cards = list(score(order, agents).values())
    found = beside(cards)
    short = [f"{one.agent}: {text}" for one in cards for text in below(one, thresholds)]
    _write_texts(cards[0], given, thresholds=thresholds, beside=found)
    if given["as_json"]:
        both: list[Json] = [scorecard_json(one) for one in cards]
        print_json({"scorecards": both, **comparison_json(found), "below": [*short]})
    else:
        say_comparison(found, everything=given["everything"])
        _say_files(given)
        for text in short:
            say(plain(text), style="red")
    return int(bool(short))
