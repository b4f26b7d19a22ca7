"""Running ``module:callable`` outside pytest: find it, call it, wait for it."""

from __future__ import annotations

import asyncio
import difflib
import importlib
import inspect
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentops_eval.domain import TargetInvalid
from agentops_eval.seams import new_virtual_loop


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A callable agent and the words it is called with."""

    spec: str
    function: Callable[..., Any]
    arguments: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The agent's name: that of the callable."""
        return str(getattr(self.function, "__name__", self.spec.rpartition(":")[2]))

    @property
    def case(self) -> str:
        """A file name for its recording."""
        return self.spec.replace(":", ".").replace("/", ".")

    def __call__(self) -> Any:
        """Run it to its end; a coroutine runs on a loop whose time a replay can own."""
        result = self.function(*self.arguments)
        if inspect.isawaitable(result):
            with asyncio.Runner(loop_factory=new_virtual_loop) as runner:
                return runner.run(_await(result))
        return result


async def _await(awaitable: Any) -> Any:
    return await awaitable


def load_target(spec: str, arguments: Sequence[str] = (), *, root: Path | None = None) -> Target:
    """Import ``module:callable`` from ``root`` (the working directory) or the environment.

    Raises TargetInvalid, naming the nearest attribute, when there is no such thing to call or its
    parameters do not take ``arguments``.
    """
    module_name, colon, attribute = spec.partition(":")
    if not colon or not module_name or not attribute:
        raise TargetInvalid(f"{spec!r} is not module:callable", remedy="for example: shop.agent:refund_agent")
    home = str(root or Path.cwd())
    if home not in sys.path:
        sys.path.insert(0, home)
    try:
        found: Any = importlib.import_module(module_name)
    except Exception as error:
        raise TargetInvalid(
            f"cannot import {module_name}: {type(error).__name__}: {error}", where=home
        ) from error
    for part in attribute.split("."):
        if not hasattr(found, part):
            near = difflib.get_close_matches(part, dir(found), n=1)
            raise TargetInvalid(
                f"{module_name} has no {part!r}",
                where=str(getattr(found, "__file__", module_name)),
                remedy=f"did you mean {near[0]!r}?" if near else "",
            )
        found = getattr(found, part)
    return _checked(spec, found, tuple(arguments))


def _checked(spec: str, found: Any, arguments: tuple[str, ...]) -> Target:
    if not callable(found):
        raise TargetInvalid(f"{spec} is a {type(found).__name__}, which cannot be called")
    try:
        inspect.signature(found).bind(*arguments)
    except TypeError as error:
        raise TargetInvalid(
            f"{spec} cannot be called with {len(arguments)} argument(s): {error}",
            difference=f"its parameters: {inspect.signature(found)}",
        ) from None
    except ValueError:  # a builtin without a signature: calling tells
        pass
    return Target(spec=spec, function=found, arguments=arguments)
