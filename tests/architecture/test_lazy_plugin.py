"""Loading the plugin costs a pytest user next to nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = (
    "agentops_eval",
    "aiohttp",
    "anthropic",
    "click",
    "deepdiff",
    "hypothesis",
    "httpx",
    "httpx2",
    "jinja2",
    "jsonpath_ng",
    "msgspec",
    "openai",
    "opentelemetry",
    "requests",
    "rich",
    "toxiproxy",
    "urllib3",
    "vcr",
    "wrapt",
    "yaml",
)

TINY_PROJECT = """
import json, sys
def test_trivial():
    '''Print what a session with one trivial test has loaded.'''
    print("LOADED " + json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def test_plugin_import_loads_nothing_heavy(clean_environment: dict[str, str]) -> None:
    """Importing the plugin loads no part of the core and none of its dependencies."""
    program = "import pytest_agentops.plugin, sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program], env=clean_environment, capture_output=True, text=True, check=True
    )
    loaded = {name.partition(".")[0] for name in json.loads(done.stdout)}
    assert loaded & set(HEAVY) == set()


def test_session_without_our_marks_loads_nothing_heavy(
    tmp_path: Path, clean_environment: dict[str, str]
) -> None:
    """A whole session whose tests ask for nothing of ours still loads no part of the core."""
    (tmp_path / "test_tiny.py").write_text(TINY_PROJECT, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "pytest_agentops.plugin", "-W", "error"]
    environment = {**clean_environment, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    line = next(line for line in done.stdout.splitlines() if "LOADED " in line)
    assert set(json.loads(line.partition("LOADED ")[2])) & set(HEAVY) == set()
