"""``asyncio.as_completed`` in a run."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack

import pytest

from tests.seams._played import entered
from tests.seams._time_rig import new_scope


@pytest.mark.parametrize("inside_run", [True, False])
def test_as_completed_is_the_one_of_asyncio(inside_run):
    """It gives what comes as it comes, a repeated awaitable once, and its timeout expires."""

    async def after(delay_s):
        await asyncio.sleep(delay_s)
        return delay_s

    async def main():
        quick, slow = asyncio.ensure_future(after(0)), after(0.01)
        found = [await done for done in asyncio.as_completed([slow, quick, quick])]
        with pytest.raises(TimeoutError):
            for done in asyncio.as_completed([after(5)], timeout=0.01):
                await done
        with pytest.raises(TypeError):
            list(asyncio.as_completed(asyncio.get_running_loop().create_future()))
        return found

    with ExitStack() as stack:
        if inside_run:
            stack.enter_context(entered(new_scope(name="a")))
        assert asyncio.run(main()) == [0, 0.01]
