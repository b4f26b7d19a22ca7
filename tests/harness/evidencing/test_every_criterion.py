"""Every criterion that ships and is checked can be met: some capability writes what it asks for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agentops_eval.domain import Standing
from agentops_eval.harness.evidencing import noted_of_project
from agentops_eval.scorecard import Scoring, shipped_criteria
from tests.harness.evidencing._project import whole_project
from tests.harness.evidencing._writers import AGENT, everything

AT, LATER = "2026-11-27T00:00:00Z", "2027-01-01T00:00:00Z"
CHECKED = [one.id for one in shipped_criteria().criteria if one.check is not None]


AWAITED = {"organisational-enablement.runbooks-cover"}
"""Its share is of failures, and here all is well: tests of runbooks show it. Nothing may be added."""


@pytest.fixture(scope="module")
def standings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Standing, str]]:
    """What becomes of each criterion where every writer has only good to tell."""
    root = tmp_path_factory.mktemp("whole")
    project = noted_of_project(root, whole_project(root), AGENT)
    scoring = Scoring(shipped_criteria(), AGENT, at=AT)
    facts = [fact for _, noted in (*everything(), ("scorecard", project)) for fact in noted.facts]
    for number, fact in enumerate(facts):
        scoring.add(replace(fact, at=fact.at or AT, expires=LATER), f"sha256:{number}")
    card = scoring.scorecard()
    return {one.id: (one.standing, one.reason) for found in card.dimensions for one in found.criteria}


def test_some_capability_shows_each(standings):
    """Where all writers tell the best that they can, every criterion is met: none is beyond reach."""
    unmet = {id_: standings[id_] for id_ in CHECKED if standings[id_][0] is not Standing.MET}
    assert {id_: told for id_, told in unmet.items() if id_ not in AWAITED} == {}
