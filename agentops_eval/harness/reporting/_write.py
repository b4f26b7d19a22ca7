"""A report on disk: whole, with nothing left of the one before, and built anew only where it has to be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from agentops_eval.domain import Json, RunMisuse, ascii_json
from agentops_eval.harness.evidencing import moment
from agentops_eval.harness.reporting._site import Site, SiteOrder, inputs_of, site_of
from agentops_eval.reports import fleet_json
from agentops_eval.traces import write_whole

SITE = Path(".agentops", "report")
"""Where a report goes, below the project's root, unless a path is given."""

_LIST, _FORMAT = "report.json", "agentops-report"
_OURS = re.compile(
    r"(?:(?:scorecards|findings|results|gates|gamedays|explorations|calibrations|traces|sources)/)?"
    r"[a-z0-9-]+\.(?:html|json|txt)"
)
_FRESH = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """What was written: the page to open, and how many pages there are."""

    index: Path
    pages: int
    site: Site


def build(order: SiteOrder, out: Path, *, now: datetime | None = None) -> Built:
    """Write the report of a project to ``out``: each page whole, the index last.

    Pages that an earlier report left and this one does not have are removed, also where it was broken off.
    Raises RunMisuse where something else lies in ``out``, and what ``site_of`` raises.
    """
    before = _listed(out)
    if before is None:
        what = "there is an index.html in that folder that report build did not write"
        raise RunMisuse(what, where=str(out), remedy="name another folder with --out")
    site = site_of(order, now=now)
    every = before | site.pages.keys()
    _refuse_links(out, every)
    # First of all what will be there: whoever is killed meanwhile leaves pages that the next one knows.
    begun: dict[str, Json] = {**_read(out), "format": _FORMAT, "inputs": "", "pages": sorted(every)}
    out.mkdir(parents=True, exist_ok=True)
    write_whole(out / _LIST, ascii_json(begun).encode() + b"\n")
    for address in sorted(site.pages, key=lambda one: one == "index.html"):
        made = site.pages[address]()
        path = out / address
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, made if isinstance(made, bytes) else made.encode("utf-8", "backslashreplace"))
    for address in before - site.pages.keys():
        with suppress(OSError):
            (out / address).unlink()
    told: dict[str, Json] = {**fleet_json(site.fleet), "inputs": site.inputs, "pages": sorted(site.pages)}
    write_whole(out / _LIST, ascii_json(told).encode() + b"\n")
    return Built(index=out / "index.html", pages=len(site.pages), site=site)


def is_current(order: SiteOrder, out: Path, *, now: datetime | None = None) -> bool:
    """Whether a report in ``out`` is of the files as they are, and of the last day: evidence expires."""
    told = _read(out)
    at = moment(str(told.get("at")))
    # One that is of a day to come was written by another clock: nobody knows how old it is.
    fresh = at is not None and abs((now or datetime.now(UTC)) - at) < _FRESH
    return fresh and told.get("inputs") == inputs_of(order) and (out / "index.html").is_file()


def _refuse_links(out: Path, addresses: Iterable[str]) -> None:
    """A link in the folder, which a repository may bring, would have us write over what lies elsewhere."""
    for path in (out / _LIST, *(out / one for one in sorted(addresses))):
        if path.is_symlink() or (path.parent != out and path.parent.is_symlink()):
            what = "there is a link where the report has a page"
            raise RunMisuse(what, where=str(path), remedy="delete it, or name another folder with --out")


def _read(out: Path) -> dict[str, Json]:
    try:
        told = json.loads((out / _LIST).read_bytes())
    except (OSError, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) and told.get("format") == _FORMAT else {}


def _listed(out: Path) -> set[str] | None:
    """The pages of an earlier report; None where an index lies there that is not ours."""
    told = _read(out)
    if not told:
        return None if (out / "index.html").exists() else set()
    pages = told.get("pages")
    names = pages if isinstance(pages, list) else []
    return {one for one in names if isinstance(one, str) and _OURS.fullmatch(one)}
