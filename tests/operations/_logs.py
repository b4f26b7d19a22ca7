"""Labelled logs of failed runs of several agents, where development data is present."""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from pathlib import Path

from agentops_eval.domain import LogStep

TERMINAL = "Computer_terminal"


def logs(half: int) -> list[tuple[list[LogStep], tuple[str, int]]]:
    """Half of the logs with who is to blame: 0 was there for tuning rules, 1 is for reporting alone."""
    found = []
    with tarfile.open(
        Path(os.environ["AGENTOPS_DEV_DATA"]) / "who-and-when/algorithm-generated.tar.xz"
    ) as tar:
        for member in tar:
            data = tar.extractfile(member)
            name = member.name.rsplit("/", 1)[-1]
            if data is not None and int(hashlib.sha256(name.encode()).hexdigest(), 16) % 2 == half:
                log = json.loads(data.read())
                steps = [_step(one["name"], one["content"]) for one in log["history"]]
                found.append((steps, (log["mistake_agent"], int(log["mistake_step"]))))
    return found


def _step(agent: str, text: str) -> LogStep:
    """A message; the terminal's is what a tool answered, where it ran anything."""
    if agent != TERMINAL:
        return LogStep(agent=agent, text=text, kind="agent")
    status, told, output = text.partition("Code output:")
    if not told:
        return LogStep(agent=agent, text="", kind="tool")
    error = "" if "exitcode: 0" in status else "permanent"
    return LogStep(agent=agent, text=output, kind="tool", tool="terminal", error=error)
