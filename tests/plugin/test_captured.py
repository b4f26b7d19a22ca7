"""Spans that an agent emits, in a test."""

from __future__ import annotations

from tests.plugin.conftest import Project, outcomes, text_of

TEST = '''
import pytest
from opentelemetry.sdk.trace import TracerProvider
from agent import ask

@pytest.mark.cassette(capture=True)
def test_it(cassette):
    """The span is there, and the call below it."""
    with TracerProvider().get_tracer("x").start_as_current_span("outer"):
        ask("first")
    assert [span.name for span in cassette.captured.trace][1:] == ["outer", "chat small"]
'''


def test_a_case_collects_where_its_mark_says_so(project: Project) -> None:
    """With capture=True in the mark, the fixture has what the agent emitted, recorded and replayed."""
    project.write("tests/test_spans.py", TEST)
    for words in (["--agentops-record=once"], []):
        done = project.run(*words)
        assert outcomes(done) == {"passed": 1}, text_of(done)
