"""The fixtures; what they do stands in ``_case``, imported when a test asks for one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from agentops_eval.harness import ActiveRun, GoldenFile
    from pytest_agentops._canary import Canary
    from pytest_agentops._chaos import Chaos
    from pytest_agentops._scenario import ScenarioCase
    from pytest_agentops._scorecard import Readiness


def make_fixtures(prefix: str) -> object:
    """Give a plugin that holds our fixtures, their names begun with ``prefix``."""

    class Fixtures:
        @pytest.fixture(name=f"{prefix}cassette")
        def cassette(self, request: pytest.FixtureRequest) -> Iterator[ActiveRun]:
            """Record or replay what the test does: ``.trace``, ``.digest``, ``.events``, ``.report``.

            What fixtures of function scope do belongs to the run, at set-up and at teardown. What those
            of wider scope do does not: no single test could record it.
            """
            from pytest_agentops._case import CaseRun

            __tracebackhide__ = True
            case = CaseRun.start(request)
            yield case.run
            case.finish()

        @pytest.fixture(name=f"{prefix}golden")
        def golden(self, request: pytest.FixtureRequest) -> GoldenFile:
            """Give the approved trace of this test: ``assert cassette.trace == golden``."""
            from pytest_agentops._case import open_golden

            __tracebackhide__ = True
            request.getfixturevalue(f"{prefix}cassette")
            return open_golden(request)

        @pytest.fixture(name=f"{prefix}scenario")
        def scenario(self, request: pytest.FixtureRequest) -> ScenarioCase:
            """One case of the files that ``@pytest.mark.scenario`` names: ``.run(agent).passed``."""
            case: ScenarioCase | None = getattr(request, "param", None)
            if case is None:
                pytest.fail('name the file: @pytest.mark.scenario("refunds.yaml")', pytrace=False)
            return case

        @pytest.fixture(name=f"{prefix}canary")
        def canary(self, request: pytest.FixtureRequest) -> Canary:
            """Decide about a candidate by the gate of ``@pytest.mark.canary``: ``.judge(old, new).value``."""
            from pytest_agentops._canary import open_canary

            __tracebackhide__ = True
            return open_canary(request)

        @pytest.fixture(name=f"{prefix}chaos")
        def chaos(self, request: pytest.FixtureRequest) -> Chaos:
            """Let faults happen: ``chaos.run(fault).mode``, or ``with chaos.inject(fault) as impact``."""
            from pytest_agentops._chaos import open_chaos

            __tracebackhide__ = True
            recorded = f"{prefix}cassette" in request.fixturenames
            return open_chaos(request, request.getfixturevalue(f"{prefix}cassette") if recorded else None)

        @pytest.fixture(name=f"{prefix}scorecard")
        def scorecard(self, request: pytest.FixtureRequest) -> Readiness:
            """How ready the agent is by all evidence so far: ``scorecard.level("security") >= 2``."""
            from pytest_agentops._scorecard import open_scorecard

            __tracebackhide__ = True
            return open_scorecard(request)

    return Fixtures()
