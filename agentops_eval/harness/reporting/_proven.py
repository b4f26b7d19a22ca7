"""Pages of what evidence proves as a whole: explorations of faults, and calibrations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path

from agentops_eval.domain import Decision, Evidence, Json, VerdictValue
from agentops_eval.harness.evidencing import KeptEvidence
from agentops_eval.harness.reporting._names import named, slug
from agentops_eval.harness.reporting._pages import Page
from agentops_eval.harness.reporting._shown import proof_of
from agentops_eval.operations import calibration_from_json
from agentops_eval.reports import (
    RunKind,
    RunView,
    Tone,
    calibration_html,
    decision_from_json,
    exploration_html,
    exploration_view,
    plain_title,
)

_KINDS = {
    "chaos.explore": (RunKind.EXPLORE, "explorations"),
    "calibration": (RunKind.CALIBRATION, "calibrations"),
}
_TONES = {VerdictValue.PASS: Tone.GOOD, VerdictValue.FAIL: Tone.BAD, VerdictValue.UNKNOWN: Tone.OPEN}


class Proven:
    """Adds to ``pages`` one for each proof, however many items it proves."""

    def __init__(self, root: Path, pages: dict[str, Page]) -> None:
        self._root = root
        self._pages = pages
        self._known: dict[str, str] = {}

    def page_of(self, kept: KeptEvidence) -> str:
        """The page of the whole that an item is of; empty where its proof is none of these."""
        item = kept.evidence
        if item is None or item.kind not in _KINDS:
            return ""
        key = item.source_digest or kept.digest
        if key not in self._known:
            made = _page(item, proof_of(self._root, item), f"../evidence.html#e-{slug(kept.digest)}")
            _, folder = _KINDS[item.kind]
            page = f"{folder}/{named(key, f'{item.agent}-{item.subject}')}.html"
            self._known[key] = page if made is not None else ""
            if made is not None:
                self._pages[page] = made
        return self._known[key]

    def rows(self, latest: Iterable[KeptEvidence]) -> Iterator[RunView]:
        """A row a page."""
        told = set[str]()
        for kept in latest:
            page, item = self.page_of(kept), kept.evidence
            if item is None or not page or page in told:
                continue
            told.add(page)
            yield RunView(
                anchor=f"p-{named(page, item.subject)}",
                kind=_KINDS[item.kind][0],
                name=": ".join(filter(None, (item.agent, plain_title(item.kind, item.subject)))),
                source=item.source,
                word=item.verdict.value,
                told=item.says,
                tone=_TONES[item.verdict],
                at=item.at,
                page=page,
            )


def _page(item: Evidence, proof: Mapping[str, Json], evidence: str) -> Page | None:
    """How a page is made of a proof; None where it is another one, or what anybody made of the file."""
    if item.kind == "chaos.explore":
        view = exploration_view(proof)
        return None if view is None else partial(exploration_html, view, evidence=evidence)
    try:
        found = calibration_from_json(proof.get("calibration"))
    except ValueError:
        return None
    title = f"calibration of {item.agent}" if item.agent else "calibration"
    note = f"As evidence of {item.at[:10]} has it."
    return partial(calibration_html, found, title=title, note=note, evidence=evidence)


def decision_of(document: object) -> tuple[Decision | None, str]:
    """A decision as evidence has it, or why there is none."""
    try:
        return (None, "its proof is not there") if document is None else (decision_from_json(document), "")
    except Exception as error:  # whatever somebody made of the file
        return None, str(error).partition("\n")[0]
