"""Noticing that the agent hung up, while the proxy waits for somebody else."""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Callable
from typing import Self


class HungUp(BaseException):
    """The agent closed its connection before its answer was there: its own act, as a cancelled call is.

    A BaseException, so that nothing on its way takes it for a failure of the world.
    """


def hung_up(connection: socket.socket, within_s: float) -> bool:
    """Wait until the other side hangs up, at most so long; False where it did not, or sent something."""
    with selectors.DefaultSelector() as selector:
        selector.register(connection, selectors.EVENT_READ)
        return bool(selector.select(within_s)) and _is_over(connection)


def _is_over(connection: socket.socket) -> bool:
    try:
        return not connection.recv(1, socket.MSG_PEEK)
    except OSError:
        return True


class Watch:
    """Calls ``then`` from a thread of its own, once, should the agent hang up inside the ``with`` body."""

    def __init__(self, connection: socket.socket, then: Callable[[], None]) -> None:
        self._connection, self._then = connection, then
        self._wake, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._listen, name="agentops-proxy-watch", daemon=True)
        self._gone = threading.Event()

    @property
    def gone(self) -> bool:
        """Whether the agent has hung up."""
        return self._gone.is_set()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._wake.close()
        self._thread.join()
        self._woken.close()

    def _listen(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._connection, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            ready = {key.fileobj for key, _ in selector.select()}
        if self._woken not in ready and _is_over(self._connection):
            self._gone.set()
            self._then()
