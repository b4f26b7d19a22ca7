"""Where the world answers, that is this machine alone, whatever library asks."""

from __future__ import annotations

import subprocess
import sys

# In a process of its own: the tests' guard against the network would be heard before the run's.
ASKING = """
import threading
import aiohttp, httpx, requests
from agentops_eval.domain import Schedule
from agentops_eval.harness.faulting import Runner, subject_of

FAR = "http://192.0.2.1:81/"

def by_httpx():
    httpx.get(FAR, timeout=2)

def by_requests():
    requests.get(FAR, timeout=2)

async def by_aiohttp():
    async with aiohttp.ClientSession() as session:
        await session.get(FAR)

def by_one_that_swallows():
    try:
        httpx.get(FAR, timeout=2)
    except BaseException:
        pass

def by_thread():
    thread = threading.Thread(target=by_one_that_swallows)
    thread.start()
    thread.join()

for agent in (by_httpx, by_requests, by_aiohttp, by_one_that_swallows, by_thread):
    found = Runner(subject_of(agent))(Schedule())
    print(agent.__name__, found.ended.value, "tried to connect to 192.0.2.1:81" in found.why)
"""


def test_nothing_leaves_the_machine_where_the_world_answers() -> None:
    """A request that its seam lets through is blocked on its way to another machine, and the run tells."""
    done = subprocess.run(
        [sys.executable, "-c", ASKING], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.stdout.splitlines() == [
        f"by_{name} left True" for name in ("httpx", "requests", "aiohttp", "one_that_swallows", "thread")
    ], done.stderr[-2000:]
