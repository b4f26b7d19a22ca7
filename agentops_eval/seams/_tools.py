"""The tool seam: ``@tool`` and ``wrap_tools``. On replay the body of a tool never runs."""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, TypeVar, overload

from agentops_eval.domain import (
    Call,
    Effect,
    Failure,
    Json,
    Label,
    Outcome,
    Patience,
    ReplayMiss,
    RunMisuse,
    Seam,
    ToolRequest,
    ValueReply,
)
from agentops_eval.seams._binding import Binder
from agentops_eval.seams._clock import async_sleep
from agentops_eval.seams._errors import keep_error, revive_error
from agentops_eval.seams._faulted import root_of
from agentops_eval.seams._handler import drive, drive_async
from agentops_eval.seams._revive import Reviver
from agentops_eval.seams._scope import Scope, current_scope, inside, refuse_stray
from agentops_eval.seams._signature import signature_of, signature_text
from agentops_eval.seams._values import keep

F = TypeVar("F", bound=Callable[..., Any])
_PATIENT, _BLOCKED = Patience(), Patience(blocked=True)
KeyRule = str | Callable[[Mapping[str, Json]], str | None] | None


class UnreplayableResult(UserWarning):
    """A tool returned a value that JSON cannot rebuild: on replay the agent would see another type."""


@overload
def tool(function: F, /) -> F: ...
@overload
def tool(
    *, effect: Effect | str = ..., idempotency_key: KeyRule = ..., name: str | None = ...
) -> Callable[[F], F]: ...
def tool(
    function: F | None = None,
    /,
    *,
    effect: Effect | str = Effect.READ,
    idempotency_key: KeyRule = None,
    name: str | None = None,
) -> F | Callable[[F], F]:
    """Declare a function, sync or async, as a tool of the agent.

    Outside a run the function just runs. In a recording its arguments, result or exception are
    kept; in a replay they are served and the body does not run.

    ``effect`` says what it does to the world: ``read``, ``write`` or ``external``.
    ``idempotency_key`` names the parameter that makes a repeat harmless, or computes the key from
    the arguments. ``name`` defaults to the function's name.
    """
    kind = Effect(effect)

    def decorate(target: F) -> F:
        spec = _Spec.of(target, kind, idempotency_key, name)
        wrapper = _async_wrapper(spec) if spec.is_async else _sync_wrapper(spec)
        functools.update_wrapper(wrapper, target)
        wrapper.__agentops_tool__ = spec  # type: ignore[attr-defined]
        return wrapper  # type: ignore[return-value]

    return decorate if function is None else decorate(function)


def wrap_tools(tools: Any, *, effects: Mapping[str, Effect | str] | None = None) -> Any:
    """Wrap tools that are declared elsewhere; gives the same shape back.

    Takes a mapping of names to functions, a list or tuple of functions, a single function, or an
    object whose public methods are the tools. ``effects`` maps names to effects; the default is
    ``read``. What is a tool already stays as it is.
    """
    effects = effects or {}
    if isinstance(tools, Mapping):
        return {name: _wrap(fn, str(name), effects) for name, fn in tools.items()}
    if isinstance(tools, (list, tuple)):
        return type(tools)(_wrap(fn, _name_of(fn), effects) for fn in tools)
    if inspect.isroutine(tools):
        return _wrap(tools, _name_of(tools), effects)
    methods = {name: getattr(tools, name) for name in _public_methods(tools)}
    if not methods:
        raise RunMisuse(
            f"wrap_tools found no tool in a {type(tools).__name__}",
            remedy="pass functions, a mapping of names to functions, or an object with public methods",
        )
    return SimpleNamespace(**{name: _wrap(fn, name, effects) for name, fn in methods.items()})


def _public_methods(tools: object) -> Iterable[str]:
    return (n for n in dir(tools) if not n.startswith("_") and inspect.isroutine(getattr(tools, n, None)))


def _name_of(function: object) -> str:
    return str(getattr(function, "__name__", type(function).__name__))


def _wrap(function: Any, name: str, effects: Mapping[str, Effect | str]) -> Any:
    if not callable(function) or hasattr(function, "__agentops_tool__"):
        return function
    return tool(effect=effects.get(name, Effect.READ), name=name)(function)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spec:
    """What is known of a tool once, at its declaration."""

    function: Callable[..., Any]
    name: str
    effect: Effect
    key: KeyRule
    shown: str  # the signature as text
    bind: Binder  # leaves out the parameter that holds a method's object, which is no argument
    is_async: bool
    revive: Reviver

    @classmethod
    def of(cls, function: Callable[..., Any], effect: Effect, key: KeyRule, name: str | None) -> _Spec:
        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise RunMisuse(
                f"the tool {_name_of(function)} is a generator, whose items would be lost on replay",
                where=f"{function.__module__}.{function.__qualname__}",
                remedy="return a list instead",
            )
        signature = signature_of(function)
        if isinstance(key, str) and key not in signature.parameters:
            raise RunMisuse(
                f"the tool {_name_of(function)} has no parameter {key!r} for its idempotency key",
                difference=f"parameters: {', '.join(signature.parameters)}",
            )
        return cls(
            function=function,
            name=name or _name_of(function),
            effect=effect,
            key=key,
            shown=signature_text(signature),
            bind=Binder(signature, _receiver(function, signature)),
            is_async=inspect.iscoroutinefunction(function),
            revive=Reviver(function),
        )

    def request(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> ToolRequest:
        """Bind the arguments to parameter names, defaults filled in, a method's object left out."""
        arguments = self.bind(args, kwargs)
        return ToolRequest(
            name=self.name,
            arguments=arguments,
            effect=self.effect,
            idempotency_key=self._key_of(arguments),
            signature=self.shown,
        )

    def _key_of(self, arguments: Mapping[str, Json]) -> str | None:
        """The key of one call; None where the rule gives null or an empty text: that keeps no two apart."""
        if self.key is None:
            return None
        key = self.key(arguments) if callable(self.key) else arguments[self.key]
        return None if key is None or key == "" else str(key)

    def call(self, scope: Scope, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Call:
        patience = _PATIENT if self.is_async else _BLOCKED
        return scope.call(Seam.TOOL, self.name, self.request(args, kwargs), patience=patience)

    def kept(self, result: object, *, replayable: bool) -> ValueReply:
        """The reply of a body that ran; warns when a replay could not give the same value."""
        kept = keep(result)
        if replayable and not self.revive.gives(result, kept):
            self._warn(result)
        return ValueReply(value=kept, native=_Native(result, self.revive))

    def _warn(self, result: object) -> None:
        """Point at the tool, where the annotation stands; the usual filters say it once per tool."""
        said = self.revive.annotation
        told = "it has no annotation" if said is None else f"its annotation {_shown(said)} does not say how"
        text = (
            f"the tool {self.name} returned {_kind_of(result)} that a replay cannot rebuild: {told}. "
            "Return plain data, or name what is returned in the annotation: dataclasses, pydantic models, "
            "TypedDicts, enums, paths, dates and containers of them come back as they were"
        )
        code = getattr(inspect.unwrap(self.function), "__code__", None)
        if code is None:
            warnings.warn(text, UnreplayableResult, stacklevel=2)
            return
        seen = getattr(self.function, "__globals__", {}).setdefault("__warningregistry__", {})
        warnings.warn_explicit(
            text,
            UnreplayableResult,
            code.co_filename,
            code.co_firstlineno,
            module=self.function.__module__,
            registry=seen,
        )

    def result(self, outcome: Outcome) -> Any:
        """The value for the caller, or the exception."""
        if isinstance(outcome, Failure):
            raise outcome.native or revive_error(outcome, self.function)
        assert isinstance(outcome, ValueReply)
        if isinstance(outcome.native, _Native):
            return outcome.native.value
        try:
            return self.revive(outcome.value)
        except ValueError as error:
            if outcome.label is Label.SCRIPTED:  # a fault made this answer, and reading it fails as it would
                raise root_of(error) from None
            miss = ReplayMiss(
                f"the recorded result of tool {self.name} does not fit its return type",
                reason="stale",
                difference=str(error),
                remedy="record the run again with --agentops-record=all",
            )
            scope = current_scope()
            if scope is not None:
                scope.remember(miss)
            raise miss from None


def _kind_of(value: object) -> str:
    """A value's type, and what a container holds first."""
    items = list(value.values()) if isinstance(value, dict) else value
    inside = f" of {type(next(iter(items))).__name__}" if isinstance(items, (list, tuple)) and items else ""
    return f"a {type(value).__name__}{inside}"


def _shown(annotation: object) -> str:
    return annotation.__qualname__ if type(annotation) is type else str(annotation)


def _receiver(function: Callable[..., Any], signature: inspect.Signature) -> str:
    """``self`` or ``cls`` where it comes first in a function of a class; else it is like any other."""
    first = next(iter(signature.parameters), "")
    home = getattr(function, "__qualname__", "").rpartition(".")[0]
    in_class = bool(home) and not home.endswith("<locals>") and not inspect.ismethod(function)
    return first if in_class and first in ("self", "cls") else ""


@dataclass(frozen=True, slots=True)
class _Native:
    """Wraps a live result, so that None is told from absence."""

    value: object
    revive: Reviver

    def rebuilt_from(self, kept: Json) -> bool:
        """Whether another answer of the same form would be given the types of this one."""
        return self.revive.gives(self.value, kept)


def _sync_wrapper(spec: _Spec) -> Callable[..., Any]:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        scope = current_scope()
        if scope is None:
            refuse_stray(f"tool {spec.name}")
            return spec.function(*args, **kwargs)

        def world(call: Call) -> Outcome:
            with inside(span=scope.child_span(spec.name), parent=call.index, apart=True):
                try:
                    result = spec.function(*args, **kwargs)
                except Exception as error:
                    return keep_error(error)
            # A warning that was made an error is no failure of the tool.
            return spec.kept(result, replayable=scope.replayable)

        call = spec.call(scope, args, kwargs)
        return spec.result(drive(scope.handlers, call, world, scope.clock.sleep))

    return wrapper


def _async_wrapper(spec: _Spec) -> Callable[..., Any]:
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        scope = current_scope()
        if scope is None:
            refuse_stray(f"tool {spec.name}")
            return await spec.function(*args, **kwargs)

        async def world(call: Call) -> Outcome:
            with inside(span=scope.child_span(spec.name), parent=call.index, apart=True):
                try:
                    result = await spec.function(*args, **kwargs)
                except Exception as error:
                    return keep_error(error)
            return spec.kept(result, replayable=scope.replayable)

        call = spec.call(scope, args, kwargs)
        return spec.result(await drive_async(scope.handlers, call, world, async_sleep))

    return wrapper
