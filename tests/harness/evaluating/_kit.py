"""Scenarios, agents and worlds for tests of the runner. The agents work through tools and need no llm."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agentops_eval import tool
from agentops_eval.domain import Expectation, Result, Scenario, Suite, Variant, World
from agentops_eval.harness import RecordMode, Settings
from agentops_eval.harness.evaluating import Bounds, Choice, Orders, Session

HOME = "tests.harness.evaluating._kit"
PAY = Scenario(
    id="pay",
    suite="scenarios/shop",
    agent=f"{HOME}:pay",
    turns=("pay 5",),
    world=World(kind=f"{HOME}:Till", parameter="till", setup={"cents": 100}),
    expect=(
        Expectation(evaluator=f"{HOME}:says", arguments="paid", where="shop.yaml: scenarios[0].expect"),
        Expectation(evaluator=f"{HOME}:holds", arguments=95, where="shop.yaml: scenarios[0].expect"),
    ),
    where="shop.yaml:3",
)


class Till:
    """A world: some money."""

    def __init__(self, cents: int = 0) -> None:
        self.cents = cents

    def state(self) -> Mapping[str, int]:
        """What is in it."""
        return {"cents": self.cents}


def pay(text: str, *, till: Till, extra: int = 0, seed: int = 0) -> str:
    """An agent that takes money out of its world, through a tool."""

    @tool(effect="write")
    def take(cents: int) -> int:
        till.cents -= cents
        return cents

    return f"paid {take(int(text.split()[1]) + extra)}"


def pay_past_the_seam(text: str, *, till: Till) -> str:
    """The same without a tool: nobody sees what it does."""
    till.cents -= int(text.split()[1])
    return "paid"


def idle(text: str, *, till: Till) -> str:
    """An agent that leaves its world alone."""
    return "paid nothing"


def echo(text: str) -> str:
    """An agent that does nothing."""
    return f"you said {text}"


def broken(text: str) -> str:
    """An agent that raises."""
    raise KeyError(text)


def leaving(text: str) -> str:
    """An agent that exits."""
    raise SystemExit(3)


def says(output: Any, text: str) -> tuple[bool, str]:
    """An evaluator: the answer holds a text."""
    return text in output, f"{output!r}, where {text!r} is expected"


def holds(state: Any, cents: int) -> bool | None:
    """An evaluator: the till holds so much."""
    return None if state is None else state["cents"] == cents


def suite(*scenarios: Scenario, variants: tuple[Variant, ...] = (Variant(),), digest: str = "d1") -> Suite:
    """A suite of scenarios."""
    return Suite(
        name="scenarios/shop",
        scenarios=scenarios,
        variants=variants,
        path="scenarios/shop.yaml",
        digest=digest,
    )


def run_suite(
    root: Path,
    suite: Suite,
    *,
    record: str = "none",
    choice: Choice | None = None,
    bounds: Bounds | None = None,
    out: Path | None = None,
    resume: bool = False,
) -> list[Result]:
    """Prepare and run a suite below ``root``; problems of preparation are raised."""
    orders = Orders(root=root, settings=Settings(record=RecordMode(record), any_host=True))
    session = Session(orders, bounds or Bounds())
    prepared = session.prepare([suite], choice or Choice())
    for problem in prepared.problems:
        raise problem
    return list(session.results(prepared, out=out, resume=resume))
