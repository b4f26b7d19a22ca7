"""Arguments of a tool by the names of its parameters, as every call of it needs them."""

from __future__ import annotations

import inspect
from typing import Any

from agentops_eval.domain import Json
from agentops_eval.seams._values import keep

_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


class Binder:
    """Binds as ``signature.bind`` does, defaults filled in; ``receiver`` is left out.

    What most tools have (each parameter has a name, none gathers others) is bound here, because the
    general way costs more than everything else that a call needs. Whatever is unusual goes that way.
    """

    def __init__(self, signature: inspect.Signature, receiver: str) -> None:
        self._signature = signature
        self._receiver = receiver
        parameters = signature.parameters
        self._plain: tuple[tuple[str, Any], ...] | None = None
        self._positional = sum(one.kind is _NAMED[0] for one in parameters.values())
        if all(one.kind in _NAMED for one in parameters.values()):
            self._plain = tuple((name, one.default) for name, one in parameters.items())

    def __call__(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Json]:
        """The arguments as JSON, in the order of the parameters. Raises TypeError where they do not fit."""
        bound = self._by_name(args, kwargs)
        if bound is None:
            return self._in_general(args, kwargs)
        receiver = self._receiver
        return {name: keep(value) for name, value in bound.items() if name != receiver}

    def _by_name(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any] | None:
        """None where the general way has to decide, or to say what is wrong."""
        given, left = len(args), len(kwargs)
        if self._plain is None or given > self._positional:
            return None
        bound: dict[str, Any] = {}
        for number, (name, default) in enumerate(self._plain):
            if number < given:
                if left and name in kwargs:
                    return None
                bound[name] = args[number]
            elif left and name in kwargs:
                bound[name] = kwargs[name]
                left -= 1
            elif default is inspect.Parameter.empty:
                return None
            else:
                bound[name] = default
        return None if left else bound

    def _in_general(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Json]:
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        arguments: dict[str, Json] = {}
        for name, parameter in self._signature.parameters.items():
            if name == self._receiver:
                continue
            value = bound.arguments[name]
            if parameter.kind is inspect.Parameter.VAR_KEYWORD:
                arguments.update({k: keep(v) for k, v in value.items()})
            else:
                arguments[name] = keep(list(value) if parameter.kind is parameter.VAR_POSITIONAL else value)
        return arguments
