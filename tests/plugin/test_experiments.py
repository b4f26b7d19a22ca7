"""Experiments as items of pytest, where they are asked for."""

from __future__ import annotations

from tests.plugin.conftest import Project, outcomes, text_of

AGENT = """
import time
from agentops_eval import tool


@tool(effect="external")
def send_email(to: str) -> str:
    return "sent"


def hasty() -> str:
    for _ in range(3):
        try:
            send_email("a@example.org")
        except OSError:
            time.sleep(600)
        else:
            return "The email was sent."
    return "Sorry, that failed."


def careful() -> str:
    try:
        send_email("a@example.org")
    except OSError:
        return "Sorry, it is not known whether the email was sent."
    return "The email was sent."
"""
EXPERIMENT = """
title: a lost answer
tags: [mail]
method:
  - type: action
    name: lose the answer
    provider:
      type: agent
      agent: mailer:careful
      faults: [{fault: tool_reply_lost, target: send_email, nth: [1]}]
"""


def test_experiments_are_collected_where_they_are_asked_for(project: Project) -> None:
    """Not by themselves; by the ini key, by their name on the command line, and by their tags."""
    project.write("mailer.py", AGENT)
    project.write("chaos/lost.yaml", EXPERIMENT)
    project.write("chaos/notes.yaml", "title: no experiment\n")
    assert outcomes(project.run()) == {}
    assert outcomes(project.run("chaos/lost.yaml")) == {"passed": 1}
    project.write("pytest.ini", "[pytest]\nagentops_experiments = chaos/*.yaml\n")
    assert outcomes(project.run()) == {"passed": 1}
    assert outcomes(project.run("-k", "mail")) == {"passed": 1}
    assert outcomes(project.run("-k", "other")) == {}


def test_a_finding_fails_the_item_with_what_to_do(project: Project) -> None:
    """Without a traceback through our code; a bad file fails as an item of its own, and others run."""
    project.write("mailer.py", AGENT)
    project.write("chaos/lost.yaml", EXPERIMENT.replace("careful", "hasty"))
    project.write("chaos/bad.yaml", EXPERIMENT.replace("tool_reply_lost", "tool_reply_lots"))
    project.write("pytest.ini", "[pytest]\nagentops_experiments = chaos/*.yaml\n")
    done = project.run()
    assert outcomes(done) == {"failed": 2}
    text = text_of(done)
    assert "unsafe: under tool_reply_lost @send_email #1 it was failed-unsafe" in text
    assert "did you mean 'tool_reply_lost'?" in text
    assert "Traceback" not in text
