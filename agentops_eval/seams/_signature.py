"""The signature of a function whose annotations may name what is not defined yet."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from importlib import import_module
from typing import Any


def signature_of(function: Callable[..., Any]) -> inspect.Signature:
    """Like ``inspect.signature``, which since Python 3.14 evaluates annotations, and fails where it cannot.

    Annotations that name what is defined later, or imported for type checkers only, then stay text.
    """
    try:
        return inspect.signature(function)
    except NameError:
        text: Any = import_module("annotationlib").Format.STRING
        options: dict[str, Any] = {"annotation_format": text}
        return inspect.signature(function, **options)


_QUOTED = re.compile(r"(?<=: )'([^']*)'|(?<=-> )'([^']*)'")


def signature_text(signature: inspect.Signature) -> str:
    """The signature as text, the same whether or not a module postpones its annotations.

    A quoted annotation would also read like a value: ``(api_key: 'str')``.
    """
    return _QUOTED.sub(lambda found: found[1] or found[2] or "", str(signature))


__all__ = ["signature_of", "signature_text"]
