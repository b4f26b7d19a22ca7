"""Threads that were given a context of their own: whose run is theirs."""

from __future__ import annotations

import contextvars
import sys
import threading
import time

from agentops_eval.seams._scope import LANE, SCOPE, Lane
from tests.seams._time_rig import elapsed, record, replay
from tests.seams.test_carry import where


class Given(threading.Thread):
    """A thread that runs in a context which it was given, as those of Python 3.14 can."""

    def __init__(self, *, context, **options):
        if sys.version_info >= (3, 14):
            super().__init__(context=context, **options)
        else:
            super().__init__(**options)
            self._context = context

    if sys.version_info < (3, 14):

        def _bootstrap_inner(self):
            self._context.run(super()._bootstrap_inner)


def test_a_thread_that_was_given_the_callers_context_is_of_the_run():
    """It has a lane of its own, virtual time waits for it, and its context is as it was before."""
    seen = []

    def work():
        seen.append((where(), LANE.get(), own.get()))
        time.sleep(60)

    own = contextvars.ContextVar("own", default="lost")
    own.set("kept")
    context = contextvars.copy_context()
    with replay(name="mine") as scope:
        context.run(SCOPE.set, scope)
        thread = Given(target=work, context=context)
        thread.start()
        thread.join()
        assert elapsed(scope) == 60
    assert seen == [("mine", Lane(name="0", path="0:0"), "kept")]
    assert context[SCOPE] is scope
    assert context.get(LANE, Lane()) == Lane()


def test_a_thread_that_was_given_another_context_is_of_no_run():
    """An empty context is the user's choice: the thread stays outside."""
    seen = []
    with record():
        thread = Given(target=lambda: seen.append(where()), context=contextvars.Context())
        thread.start()
        thread.join()
    assert seen == [None]
