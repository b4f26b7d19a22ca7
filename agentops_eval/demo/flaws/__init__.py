"""Small agents with one flaw each, for chaos to find: ``flawed`` and ``mended`` in a module a flaw.

``FLAWS`` says of each how it is found. A mended agent differs by its flaw alone, and nothing is found of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_CONTRACTS = Path(__file__).parent / "contracts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """One planted flaw: what it is, and how it is found.

    ``module`` is the name of its module in this package. It is found by the conformance check ``check``, or
    where that is empty by exploration, with ``reasons``: harms with their subjects. ``under`` is the
    smallest schedule. ``approver`` and ``beside`` are what its agent is run with.
    """

    module: str
    what: str
    reasons: frozenset[tuple[str, str]]
    under: str
    check: str = ""
    approver: str = ""
    beside: str = ""

    @property
    def target(self) -> str:
        """The module as commands name it; ``:flawed`` and ``:mended`` are its agents."""
        return f"{__name__}.{self.module}"

    @property
    def contract(self) -> Path | None:
        """Its degradation file; None where it declares nothing."""
        path = _CONTRACTS / f"{self.module}.yaml"
        return path if path.exists() else None


def _explored(module: str, what: str, *reasons: tuple[str, str], under: str, approver: str = "") -> Flaw:
    return Flaw(module=module, what=what, reasons=frozenset(reasons), under=under, approver=approver)


def _checked(
    module: str, what: str, check: str, *reasons: tuple[str, str], under: str, beside: str = ""
) -> Flaw:
    return Flaw(module=module, what=what, check=check, reasons=frozenset(reasons), under=under, beside=beside)


FLAWS: tuple[Flaw, ...] = ()
"""All planted flaws."""
