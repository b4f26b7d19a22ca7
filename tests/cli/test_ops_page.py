"""The page on operating agents is true: its commands, run as written, print what it shows."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

import pytest

from agentops_eval.domain import Trace
from tests.cli._kit import ROOT
from tests.operations._runs import DAY_S, NOW_S, made, write

PAGE = ROOT / "docs/how-to/operate-agents.md"
ERRORS = ("timeout", "ValueError", "ConnectionError")


def production() -> Iterator[Trace]:
    """Ten weeks of twenty refunds a day: the agent says how sure it is, and slower since the ninth week."""
    draw = random.Random(11)
    for number in range(1_400):
        sure = draw.choice((0.8, 0.95, 0.99, 0.995))
        right = draw.random() < sure
        yield made(
            number,
            at_s=NOW_S - (1_399.5 - number) * DAY_S / 20,
            right=right,
            error="" if right else draw.choice(ERRORS),
            took_s=draw.uniform(1, 2) + (number > 1_120),
            cost_usd=draw.uniform(0.005, 0.015),
            confidence=sure,
            wait_s=draw.expovariate(1 / 200),
            team=draw.choice(("blue", "red")),
        )


def test_the_page_prints_what_it_shows(ae, monkeypatch):
    """Each block of the page is a command and the beginning of its output, at 80 columns."""
    page = PAGE.read_text(encoding="utf-8")
    (objectives,) = re.findall(r"```yaml\n(objectives.*?|agent.*?)```", page, re.DOTALL)
    (ae.folder / "objectives.yaml").write_text(objectives, encoding="utf-8")
    (ae.folder / "pyproject.toml").write_text("[tool.agentops]\n", encoding="utf-8")
    write(ae.folder / "prod/runs.jsonl", production())
    monkeypatch.setenv("COLUMNS", "80")
    blocks = re.findall(r"^```\n\$ (agentops-eval .*?)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 6
    for command, shown in blocks:
        out = [text.rstrip() for text in ae.paste(command).out.splitlines()]
        wanted = [text.rstrip() for text in shown.splitlines()]
        if wanted[-1:] == ["..."]:
            wanted.pop()
        assert out[: len(wanted)] == wanted, command


@pytest.mark.parametrize("name", ["slo", "incidents", "calibration", "drift", "forecast", "tiers"])
def test_the_page_shows_every_command(name):
    """None of the group is left out."""
    assert f"$ agentops-eval ops {name} " in PAGE.read_text(encoding="utf-8")
