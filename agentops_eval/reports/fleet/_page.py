"""The index page: agents, findings, what was run, what is missing; every figure leads to its evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentops_eval.domain import counted
from agentops_eval.reports._frame import page_of
from agentops_eval.reports._text import figure, one_line, percent
from agentops_eval.reports.chaos._impact_words import impact_values
from agentops_eval.reports.fleet._nouns import AgentView, FindingView, Fleet, ItemView, RunKind, RunView
from agentops_eval.reports.fleet._words import (
    NAME,
    TEXT,
    TITLES,
    burn,
    harms_of,
    headline,
    hottest,
    kept,
    level,
    measured,
    moment_of,
    money,
    name_of,
    says_of,
    title_of,
    tone,
)

MOST_AGENTS, MOST_FINDINGS, MOST_RUNS, MOST_SUITES, MOST_ITEMS, MOST_REFUSED = 200, 200, 200, 200, 2_000, 100
MOST_IMPACTS = 40
ROW = 300
"""Of what an item says on the index; its own page has more."""
_GLYPHS = {"unsafe": "\u2715", "short": "\u25bc", "unknown": "?", "ready": "\u2713"}
_MARKS = {"unsafe": "\u2715", "findings": "\u25bc", "unknown": "?", "well": "\u2713"}
_TONES = {"unsafe": "failed", "findings": "needs", "unknown": "unknown", "well": "passed"}
_RUNS = {"good": "passed", "bad": "failed", "open": "unknown"}
_NAMES = {RunKind.RESULTS: "suite", RunKind.GAMEDAY: "game day", RunKind.EXPLORE: "exploration"}
_VERDICTS = {"pass": "passed", "fail": "failed", "unknown": "unknown"}


def fleet_html(fleet: Fleet, *, live: bool = False) -> str:
    """The whole as one page. What agents wrote is text to it, whatever it says.

    With ``live`` the page asks its server every two seconds, and changes what has changed; without, it loads
    nothing. Long lists are cut and what is left out is counted.
    """
    return page_of(
        "fleet.html.j2",
        styles=["style.css", "fleet.css"],
        scripts=["theme.js", "fleet.js" if live else "ready.js"],
        connects=live,
        live=live,
        title=one_line(fleet.project, NAME) or "project",
        headline=headline(fleet),
        tone=tone(fleet),
        glyph=_GLYPHS[tone(fleet)],
        facts=_facts(fleet),
        agents=[_agent(one) for one in fleet.agents[:MOST_AGENTS]],
        findings=[_finding(one) for one in fleet.findings[:MOST_FINDINGS]],
        going=[_run(one) for one in fleet.going[:MOST_RUNS]],
        suites=[_suite(one) for one in fleet.suites[:MOST_SUITES]],
        groups=[_group(fleet, kind) for kind in RunKind],
        missing=[(one_line(one.what, TEXT), one_line(one.command, TEXT)) for one in fleet.missing],
        refused=[one_line(text, TEXT) for text in fleet.refused[:MOST_REFUSED]],
        more=_left_out(fleet),
        at=one_line(fleet.at, 40),
    )


def _facts(fleet: Fleet) -> list[tuple[str, str, str]]:
    unnamed = sum(not one.known for one in fleet.agents)
    return [
        ("agents", f"{len(fleet.agents)}", "#agents"),
        ("named by no inventory", f"{unnamed}", "#agents"),
        ("open findings", f"{len(fleet.findings)}", "#findings"),
        ("items of evidence", f"{fleet.count:,}", "evidence.html"),
        ("not counted", f"{fleet.left_out.get('refused', 0) + len(fleet.refused):,}", "#refused"),
        ("as of", moment_of(fleet.at), ""),
    ]


def _left_out(fleet: Fleet) -> Mapping[str, int]:
    shown = {
        "agents": (fleet.agents, MOST_AGENTS),
        "findings": (fleet.findings, MOST_FINDINGS),
        "suites": (fleet.suites, MOST_SUITES),
        "refused": (fleet.refused, MOST_REFUSED),
    }
    return {
        name: max(len(some) - most, 0) + fleet.left_out.get(name, 0) for name, (some, most) in shown.items()
    }


def _agent(one: AgentView) -> Mapping[str, object]:
    hot = hottest(one)
    return {
        "id": one.anchor,
        "name": one_line(one.name, NAME),
        "known": one.known,
        "owner": one_line(one.owner, NAME),
        "purpose": one_line(one.purpose, TEXT),
        "health": str(one.health),
        "mark": _MARKS[one.health],
        "tone": _TONES[one.health],
        "level": level(one),
        "page": one.page,
        "findings": one.findings,
        "objectives": [
            {
                "name": one_line(each.name, NAME),
                "tone": _VERDICTS.get(each.verdict, "unknown"),
                "verdict": {"pass": "kept", "fail": "broken"}.get(each.verdict, "unknown"),
                "burn": burn(each if each.burn_rate is not None else None),
                "left": "" if each.budget_left is None else percent(each.budget_left),
                "address": each.address,
            }
            for each in one.objectives[:20]
        ],
        "kept": kept(one),
        "kept_address": next((each.address for each in one.objectives if each.verdict == "fail"), "")
        or next((each.address for each in one.objectives), ""),
        "burn": burn(hot),
        "burn_address": "" if hot is None else hot.address,
        "hot": hot is not None and (hot.burn_rate or 0) > 1,
        "cost": money(one.cost_usd),
        "cost_address": one.cost_address,
        "last": moment_of(one.last),
    }


def _finding(one: FindingView) -> Mapping[str, object]:
    item = one.item
    return {
        "id": item.anchor,
        "title": title_of(item),
        "name": name_of(item),
        "page": one.page,
        "agent": one_line(item.agent, NAME) or "every agent",
        "says": says_of(item, ROW),
        "harms": harms_of(item),
        "at": moment_of(item.at),
        "address": item.address,
        "doubt": one_line(item.doubt, TEXT),
    }


def _suite(item: ItemView) -> Mapping[str, object]:
    rate, low = item.measures.get("pass_rate"), item.measures.get("pass_rate_low")
    sure = "" if low is None else f" (at least {percent(low)}, 95 %)"
    return {
        "id": f"s-{item.anchor}",
        "name": one_line(item.subject, NAME),
        "agent": one_line(item.agent, NAME),
        "verdict": item.verdict,
        "tone": _VERDICTS.get(item.verdict, "unknown"),
        "rate": percent(rate) + sure,
        "trials": figure(item.measures.get("trials"), ""),
        "cost": money(item.measures.get("cost_per_success_usd")),
        "at": moment_of(item.at),
        "address": item.address,
    }


def _group(fleet: Fleet, kind: RunKind) -> Mapping[str, object]:
    runs = fleet.of(kind)
    more = max(len(runs) - MOST_RUNS, 0) + fleet.left_out.get(str(kind), 0)
    rows = [_run(one) for one in runs[:MOST_RUNS]]
    return {"title": TITLES[kind], "id": str(kind), "runs": rows, "more": more}


def _run(one: RunView) -> Mapping[str, object]:
    return {
        "id": one.anchor,
        "kind": _NAMES.get(one.kind, str(one.kind)),
        "name": one_line(one.name, NAME),
        "word": one_line(one.word, NAME),
        "tone": _RUNS[one.tone],
        "told": one_line(one.told, TEXT),
        "at": moment_of(one.at),
        "page": one.page,
        "source": one_line(one.source, NAME),
        "problem": one_line(one.problem, TEXT),
        "going": one_line(one.going, TEXT),
    }


def finding_html(finding: FindingView) -> str:
    """One finding: what was shown, of whom, by what, and what its proof tells. Lies one folder below."""
    item = finding.item
    return page_of(
        "finding.html.j2",
        styles=["style.css", "fleet.css", "impact.css"],
        scripts=["theme.js", "ready.js"],
        title=title_of(item),
        name=name_of(item),
        unsafe=bool(item.harms),
        agent=one_line(item.agent, NAME) or "every agent",
        says=says_of(item, TEXT),
        harms=harms_of(item),
        doubt=one_line(item.doubt, TEXT),
        details=[one_line(text, TEXT) for text in finding.details[:MOST_FINDINGS]],
        more=max(len(finding.details) - MOST_FINDINGS, 0),
        impacts=[impact_values(one) for one in finding.impacts[:MOST_IMPACTS]],
        more_impacts=max(len(finding.impacts) - MOST_IMPACTS, 0),
        whole=finding.whole,
        item=_item(item),
        base="../",
        back="../index.html",
    )


def evidence_html(fleet: Fleet) -> str:
    """The latest item of each agent, kind and subject: what every figure of the other pages leads to."""
    return page_of(
        "evidence.html.j2",
        styles=["style.css", "fleet.css"],
        scripts=["theme.js", "ready.js"],
        title=one_line(fleet.project, NAME) or "project",
        count=counted(fleet.count, "item"),
        items=[_item(one) for one in fleet.items[:MOST_ITEMS]],
        more=max(len(fleet.items) - MOST_ITEMS, 0) + fleet.left_out.get("items", 0),
        refused=[one_line(text, TEXT) for text in fleet.refused[:MOST_REFUSED]],
        base="",
        back="index.html",
    )


def _item(item: ItemView) -> Mapping[str, object]:
    facts: Sequence[tuple[str, str]] = (
        ("agent", item.agent or "every agent"),
        ("shown at", item.at),
        ("counts until", item.expires or "for ever"),
        *((name, text) for name, text in item.versions.items() if text),
        ("item", item.place),
        ("digest", item.digest),
        ("trace", item.trace),
        ("source's SHA-256", item.source_digest),
    )
    return {
        "anchor": item.anchor,
        "title": title_of(item),
        "name": name_of(item),
        "verdict": "unsafe" if item.harms else item.verdict,
        "tone": "failed" if item.harms else _VERDICTS.get(item.verdict, "unknown"),
        "says": says_of(item, TEXT),
        "doubt": one_line(item.doubt, TEXT),
        "measures": [(one_line(name, NAME), measured(name, value)) for name, value in item.measures.items()],
        "facts": [(name, one_line(text, NAME)) for name, text in facts if text],
        "source": one_line(item.source, NAME),
        "copied": item.copy,
        "story": item.story,
    }
