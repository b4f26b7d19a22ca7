"""Running ``module:callable`` outside pytest: find it, call it, wait for it."""

from __future__ import annotations

import asyncio
import difflib
import importlib
import inspect
import sys
import traceback
import types
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from agentops_eval.domain import TargetInvalid, counted
from agentops_eval.seams import new_virtual_loop, signature_of

_LISTED = 10
_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A callable agent and the words it is called with.

    ``values`` are the words as the parameters' annotations want them: int, float and bool are read,
    everything else stays text.
    """

    spec: str
    function: Callable[..., Any]
    arguments: tuple[str, ...] = ()
    values: tuple[object, ...] = ()

    @property
    def name(self) -> str:
        """The agent's name: that of the callable."""
        return str(getattr(self.function, "__name__", self.spec.rpartition(":")[2]))

    def __call__(self) -> Any:
        """Run it to its end.

        A coroutine runs on a loop whose time a replay can own; what a generator yields is collected.
        """
        return finished(self.function(*self.values))


def finished(result: Any) -> Any:
    """What a callable gave, run to its end: awaited on a loop whose time a replay can own, or collected."""
    if inspect.isgenerator(result):
        return list(result)
    if inspect.isawaitable(result) or inspect.isasyncgen(result):
        with asyncio.Runner(loop_factory=new_virtual_loop) as runner:
            return runner.run(finished_async(result))
    return result


async def finished_async(result: Any) -> Any:
    """The same inside of a loop."""
    if inspect.isasyncgen(result):
        return [item async for item in result]
    if inspect.isgenerator(result):
        return list(result)
    return await result if inspect.isawaitable(result) else result


def load_target(spec: str, arguments: Sequence[str] = (), *, root: Path | None = None) -> Target:
    """Import ``module:callable`` from ``root`` (the working directory) or the environment.

    Raises TargetInvalid, naming the nearest attribute, when there is no such thing to call or its
    parameters do not take ``arguments``.
    """
    return _checked(spec, load_callable(spec, root=root), tuple(arguments))


def load_callable(spec: str, *, root: Path | None = None) -> Callable[..., Any]:
    """Import ``module:callable`` as ``load_target`` does, whatever its parameters. Raises TargetInvalid."""
    module_name, colon, attribute = spec.partition(":")
    if not colon or not attribute or not _dotted(module_name) or module_name.endswith(".py"):
        raise TargetInvalid(f"{spec!r} is not module:callable", remedy=_better(module_name, attribute))
    home = str(root or Path.cwd())
    if home not in sys.path:
        sys.path.insert(0, home)
    found: Any = _imported(module_name, home)
    for part in attribute.split("."):
        if not hasattr(found, part):
            near = difflib.get_close_matches(part, dir(found), n=1)
            raise TargetInvalid(
                f"{module_name} has no {part!r}",
                where=str(getattr(found, "__file__", module_name)),
                remedy=f"did you mean {near[0]!r}?" if near else _callables(found),
            )
        found = getattr(found, part)
    if not callable(found):
        raise TargetInvalid(
            f"{spec} cannot be called: it is of type {type(found).__name__}",
            where=str(getattr(sys.modules[module_name], "__file__", module_name)),
            remedy=_callables(sys.modules[module_name]),
        )
    called: Callable[..., Any] = found
    return called


def _dotted(name: str) -> bool:
    return all(part.isidentifier() for part in name.split("."))


def _better(module_name: str, attribute: str) -> str:
    """The nearest thing that would do: a path of a file is often meant as a module."""
    name = module_name.removesuffix(".py").replace("/", ".").replace("\\", ".").strip(".")
    if module_name.endswith(".py") and _dotted(name):
        return f"give the module instead of its file: {name}:{attribute or 'CALLABLE'}"
    return "for example: shop.agent:refund_agent"


def _imported(module_name: str, home: str) -> Any:
    try:
        return importlib.import_module(module_name)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # a module without a main guard may even exit
        missing = isinstance(error, ModuleNotFoundError) and _within(module_name, error.name or "")
        near = difflib.get_close_matches(module_name, _modules(home), n=1)
        raise TargetInvalid(
            f"cannot import {module_name}: {type(error).__name__}: {error}",
            where=home if missing else _raised_at(error, home),
            remedy=(f"did you mean {near[0]!r}?" if near else "run it in the folder that holds the module")
            if missing
            else "",
        ) from error


def _within(module_name: str, missing: str) -> bool:
    return module_name == missing or module_name.startswith(f"{missing}.")


def _modules(home: str) -> list[str]:
    try:
        return [path.stem for path in Path(home).iterdir() if path.suffix == ".py" or path.is_dir()]
    except OSError:
        return []


def _raised_at(error: BaseException, home: str) -> str:
    """The user's line that raised: the innermost one outside of the import machinery."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not f.filename.startswith("<frozen")]
    frames = [f for f in frames if f.filename not in {__file__, importlib.__file__}]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else home


def _callables(found: Any) -> str:
    """What is defined in the module or class, not what it imports, unless there is nothing else."""
    home = found.__name__ if isinstance(found, types.ModuleType) else getattr(found, "__module__", "")
    public = {n: v for n, v in vars(found).items() if callable(v) and not n.startswith("_")}
    names = [name for name, value in public.items() if getattr(value, "__module__", "") == home] or [*public]
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return f"it has: {', '.join(names[:_LISTED])}{more}" if names else ""


def _checked(spec: str, found: Callable[..., Any], arguments: tuple[str, ...]) -> Target:
    try:
        signature = signature_of(found)
    except (ValueError, TypeError):  # a builtin without a signature: calling tells
        return Target(spec=spec, function=found, arguments=arguments, values=arguments)
    try:
        signature.bind(*arguments)
    except TypeError as error:
        count = counted(len(arguments), "argument")
        raise TargetInvalid(
            f"{spec} cannot be called with {count}: {error}",
            difference=f"its parameters: {signature}",
            remedy=f"give one word per parameter behind {spec}",
        ) from None
    return Target(
        spec=spec, function=found, arguments=arguments, values=_values(spec, found, signature, arguments)
    )


def _values(
    spec: str, found: Any, signature: inspect.Signature, words: tuple[str, ...]
) -> tuple[object, ...]:
    """Read each word as its parameter's annotation says."""
    try:
        hints = get_type_hints(found if inspect.isroutine(found) else found.__call__)
    except Exception:  # annotations that cannot be resolved: text it is
        hints = {}
    places = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [name for name, parameter in signature.parameters.items() if parameter.kind in places]
    kinds = [hints.get(name) for name in names[: len(words)]]
    kinds += [None] * (len(words) - len(kinds))
    return tuple(_value(spec, word, kind) for word, kind in zip(words, kinds, strict=True))


def _value(spec: str, word: str, kind: object) -> object:
    if get_origin(kind) in (Union, types.UnionType):
        parts = get_args(kind)
        kind = None if str in parts else next((k for k in (int, float, bool) if k in parts), None)
    try:
        if kind is bool:
            return _TRUTH[word.lower()]
        return int(word) if kind is int else float(word) if kind is float else word
    except (ValueError, KeyError):
        raise TargetInvalid(
            f"{word!r} is no {getattr(kind, '__name__', kind)}, which {spec} takes there",
            remedy="give a word that can be read as one",
        ) from None
