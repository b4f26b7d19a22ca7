"""A project in words: what its page, its Markdown and its pages of findings have in common."""

from __future__ import annotations

from collections.abc import Mapping

from agentops_eval.domain import VerdictValue, counted
from agentops_eval.reports._text import figure, one_line, percent
from agentops_eval.reports._titles import harm_words, mode_words, plain_title
from agentops_eval.reports.fleet._nouns import AgentView, Fleet, Health, ItemView, ObjectiveView, RunKind

NAME, TEXT = 200, 1_000
TITLES: Mapping[RunKind, str] = {
    RunKind.RESULTS: "Results",
    RunKind.GATE: "Gate decisions",
    RunKind.GAMEDAY: "Game days",
    RunKind.EXPLORE: "Explorations of faults",
    RunKind.CALIBRATION: "Calibrations",
}
_SHARES = ("_share", "_rate")


def tone(fleet: Fleet) -> str:
    """``unsafe``, ``short``, ``unknown`` or ``ready``: how the whole is."""
    found = {one.health for one in fleet.agents}
    if Health.UNSAFE in found or any(one.item.harms for one in fleet.findings):
        return "unsafe"
    if fleet.findings:
        return "short"
    return "ready" if Health.WELL in found and Health.UNKNOWN not in found else "unknown"


def headline(fleet: Fleet) -> str:
    """How the whole is, in one sentence."""
    if not fleet.agents and not fleet.findings:
        return "no agent is known here, and nothing was shown"
    unsafe = sum(bool(one.item.harms) for one in fleet.findings)
    if unsafe:
        rest = len(fleet.findings) - unsafe
        return counted(unsafe, "unsafe finding") + (f", and {counted(rest, 'other')}" if rest else "")
    if fleet.findings:
        return f"{counted(len(fleet.findings), 'open finding')}, none of them unsafe"
    silent = sum(one.health is Health.UNKNOWN for one in fleet.agents)
    if silent:
        return f"nothing is in force of {silent} of {counted(len(fleet.agents), 'agent')}"
    return f"{counted(len(fleet.agents), 'agent')}, and no open finding"


def kept(agent: AgentView) -> str:
    """How an agent's objectives stand, in short; empty where it has none."""
    broken = sum(one.verdict == "fail" for one in agent.objectives)
    told = sum(one.verdict == "pass" for one in agent.objectives)
    if not agent.objectives:
        return ""
    if broken:
        return f"{broken} of {len(agent.objectives)} broken"
    return f"{told} of {len(agent.objectives)} kept"


def hottest(agent: AgentView) -> ObjectiveView | None:
    """The objective whose budget burns the fastest; None where no rate is known."""
    rated = [one for one in agent.objectives if one.burn_rate is not None]
    return max(rated, key=lambda one: one.burn_rate or 0.0, default=None)


def burn(one: ObjectiveView | None) -> str:
    """A rate of burning, in times of what the objective allows."""
    return "" if one is None else figure(one.burn_rate, "") + "\u00d7"


def level(agent: AgentView) -> str:
    """A level, or that there is none."""
    return "?" if agent.level is None else f"{agent.level} of 5"


def money(value: float | None) -> str:
    """A cost, or that nobody knows."""
    return figure(value, "USD")


def measured(name: str, value: float) -> str:
    """A figure of an item, in its unit, which its name ends in."""
    if name.endswith(_SHARES) and name != "burn_rate":
        return percent(value)
    unit = next((unit for end, unit in _UNITS.items() if name.endswith(end)), "")
    return figure(value, unit)


_UNITS = {"_usd": "USD", "_s": "s", "_days": "days", "_ms": "ms"}


def title_of(item: ItemView) -> str:
    """What an item is of, in one line of plain words."""
    failed = bool(item.harms) or item.verdict == VerdictValue.FAIL
    return one_line(plain_title(item.kind, item.subject[:TEXT], failed=failed), NAME)


def name_of(item: ItemView) -> str:
    """What commands and files call it: kind and subject, in one line."""
    return one_line(f"{item.kind} {item.subject}".strip(), NAME)


def says_of(item: ItemView, room: int) -> str:
    """What it says, in one line of so many characters."""
    return one_line(mode_words(item.says) if item.kind == "chaos.fault" else item.says, room)


def harms_of(item: ItemView) -> list[tuple[str, str]]:
    """Each harm that it shows, in words and by its name."""
    return [(one_line(harm_words(name), NAME), one_line(name, NAME)) for name in item.harms]


def moment_of(at: str) -> str:
    """A moment to the minute, as its writer told it."""
    return one_line(at[:16].replace("T", " "), 16)
