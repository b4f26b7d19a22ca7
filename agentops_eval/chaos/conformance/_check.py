"""What a conformance check is: a function on a bench, with its parameters and their defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from agentops_eval.chaos.conformance._bench import Bench
from agentops_eval.domain import Json

Act: TypeAlias = Callable[..., None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check. ``act`` tries the agent on a bench, with all ``parameters``, and notes what it finds.

    A parameter whose default is None is taken from the contract, or learned, where it is not given.
    """

    name: str
    act: Act
    parameters: Mapping[str, Json] = field(default_factory=dict)

    @property
    def about(self) -> str:
        """What it checks, in one sentence."""
        return (self.act.__doc__ or "").strip().splitlines()[0]

    def __call__(self, bench: Bench, contract: Any, parameters: Mapping[str, Json]) -> None:
        """Try the agent."""
        self.act(bench, contract, **{**self.parameters, **parameters})


def conformance(**parameters: Json) -> Callable[[Act], Check]:
    """Make a check of the function below, named like it."""

    def make(act: Act) -> Check:
        return Check(name=getattr(act, "__name__", ""), act=act, parameters=parameters)

    return make
