"""``python -m agentops_eval.demo COMMAND``: run a command while the demo's scripted llm answers on loopback.

The SDKs of the command find it through their own environment variables. So agents of the demo can be
recorded, and candidates tried, without an account.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from agentops_eval.demo import demo_rules
from agentops_eval.testing import LlmServer

_USAGE = "usage: python -m agentops_eval.demo COMMAND [ARGUMENT]..."


def environment(url: str) -> Mapping[str, str]:
    """The variables that lead the SDKs of openai and anthropic to the scripted llm at ``url``."""
    return {
        "OPENAI_BASE_URL": f"{url}/v1",
        "OPENAI_API_KEY": "unset",
        "ANTHROPIC_BASE_URL": url,
        "ANTHROPIC_API_KEY": "unset",
    }


def main(command: Sequence[str]) -> int:
    """Run ``command`` and give its exit code."""
    if not command:
        print(_USAGE, file=sys.stderr)
        return 2
    with LlmServer(demo_rules()) as server:
        try:
            given = {**os.environ, **environment(server.url)}
            return subprocess.run(list(command), env=given, check=False).returncode  # noqa: S603  # the user's own
        except OSError as error:
            print(f"{command[0]}: {error.strerror}", file=sys.stderr)
            return 127


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
