"""The packages that demo agents stand on come with an extra; say so where they are missing."""

from __future__ import annotations

from importlib.util import find_spec

from agentops_eval.domain import ExtraMissing, with_extra


def need(*packages: str) -> None:
    """Raise ExtraMissing unless all ``packages`` are installed. Imports none of them."""
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise ExtraMissing(
            f"the demo agents need {' and '.join(missing)}",
            where="agentops_eval.demo",
            remedy=with_extra("demo"),
        )


def need_sdks() -> None:
    """Raise ExtraMissing unless all that any of the demo agents needs is installed."""
    need("anthropic", "openai", "stamina")
