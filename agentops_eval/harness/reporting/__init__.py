"""Reports of a whole project: gathered from its evidence, results and journals, written or served.

Everything is imported on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from agentops_eval.domain import lazy

if TYPE_CHECKING:
    from agentops_eval.harness.reporting._serve import FleetServer
    from agentops_eval.harness.reporting._site import Site, SiteOrder, site_of
    from agentops_eval.harness.reporting._write import SITE, Built, build, is_current

_HOMES = {
    "_serve": "FleetServer",
    "_site": "Site SiteOrder site_of",
    "_write": "SITE Built build is_current",
}
"""Where each public name lives, by module."""

__all__ = [
    "SITE",
    "Built",
    "FleetServer",
    "Site",
    "SiteOrder",
    "build",
    "is_current",
    "site_of",
]

_PLACES = {name: home for home, names in _HOMES.items() for name in names.split()}

__getattr__ = lazy(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted(__all__)
