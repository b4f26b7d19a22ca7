"""Each task of a run has a lane of its own, whoever makes the task and however early it starts."""

from __future__ import annotations

import asyncio
import sys
import uuid

import pytest

from agentops_eval.seams._scope import LANE
from tests.seams._time_rig import events_of, record, replay


def plain(loop, coro, **options):
    """A factory as asyncio documents it."""
    return asyncio.Task(coro, loop=loop, **options)


def narrow(loop, coro):
    """A factory that takes no context, which asyncio allowed for years."""
    return asyncio.Task(coro, loop=loop)


class Named(asyncio.Task):
    """A task of somebody's own class."""


eager_only = pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with Python 3.12")
FACTORIES = [
    pytest.param(lambda: None, id="none"),
    pytest.param(lambda: plain, id="plain"),
    pytest.param(lambda: narrow, id="narrow"),
    pytest.param(lambda: asyncio.eager_task_factory, id="eager", marks=eager_only),
    pytest.param(lambda: asyncio.create_eager_task_factory(Named), id="eager-own", marks=eager_only),
]


async def leaf():
    """A draw and its lane, before the first wait and after it."""
    first = LANE.get(), str(uuid.uuid4())
    await asyncio.sleep(0)
    return first, (LANE.get(), str(uuid.uuid4()))


async def branch():
    """A task that starts two at once, and draws beside them."""
    tasks = [asyncio.create_task(leaf()) for _ in range(2)]
    own = LANE.get(), str(uuid.uuid4())
    return own, await asyncio.gather(*tasks)


async def agent(factory):
    """Tasks of every kind, and draws between them."""
    asyncio.get_running_loop().set_task_factory(factory)
    tasks = [asyncio.create_task(branch()), asyncio.ensure_future(branch())]
    own = LANE.get(), str(uuid.uuid4())
    async with asyncio.TaskGroup() as group:
        grouped = group.create_task(leaf())
    return own, await asyncio.gather(*tasks), grouped.result(), LANE.get()


def lanes(seen):
    """The lanes in what was seen, in order."""
    if isinstance(seen, tuple) and len(seen) == 2 and all(isinstance(part, str) for part in seen):
        return [seen[0]]
    return [seen] if isinstance(seen, str) else [lane for part in seen for lane in lanes(part)]


@pytest.mark.parametrize("factory", FACTORIES)
def test_every_task_has_its_lane(factory):
    """Lanes follow the order of creation, eager tasks included, and the parent keeps its own."""
    with record():
        seen = asyncio.run(agent(factory()))
    two = [["0", "0.0", "0.0", "0.1", "0.1"], ["1", "1.0", "1.0", "1.1", "1.1"]]
    assert lanes(seen) == ["", *two[0], *two[1], "2", "2", ""]


@pytest.mark.parametrize("factory", FACTORIES)
@pytest.mark.parametrize("recorded", FACTORIES[:1] + FACTORIES[3:4])
def test_draws_replay_whatever_the_factory(factory, recorded):
    """What tasks drew comes back to them, also where they now start at once or no longer do."""
    with record() as recording:
        live = asyncio.run(agent(recorded()))
    with replay(events_of(recording)):
        assert asyncio.run(agent(factory())) == live


@eager_only
def test_an_eager_task_that_never_waits_leaves_its_parent_alone():
    """A task that is over before it could be scheduled drew on its own lane."""

    async def drawing():
        return LANE.get(), str(uuid.uuid4())

    async def main():
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
        task = asyncio.create_task(drawing())
        return task.done(), task.result(), LANE.get(), str(uuid.uuid4())

    with record() as recording:
        live = asyncio.run(main())
    assert (live[0], live[1][0], live[2]) == (True, "0", "")
    with replay(events_of(recording)):
        assert asyncio.run(main()) == live
