"""What every double that listens does: start, stop, and know its address in between."""

from __future__ import annotations

import contextvars
import threading
from http.server import BaseHTTPRequestHandler
from types import TracebackType
from typing import Self

from agentops_eval.domain import RunMisuse
from agentops_eval.testing._listener import Listener

_POLL_S = 0.02


class Service:
    """Listens on 127.0.0.1 for ``owner``, whose handlers ask it; it may be started again."""

    def __init__(
        self, handler: type[BaseHTTPRequestHandler], *, owner: object, thread: str, port: int
    ) -> None:
        self._handler = handler
        self._owner = owner
        self._name = type(owner).__name__
        self._thread_name = thread
        self._port = port
        self._stopping = threading.Event()
        self._listener: Listener | None = None
        self._thread: threading.Thread | None = None

    @property
    def is_running(self) -> bool:
        """Whether it listens."""
        return self._listener is not None

    @property
    def address(self) -> str:
        """``http://127.0.0.1:<port>``. Raises RunMisuse where it does not listen."""
        if self._listener is None:
            raise RunMisuse(
                f"the {self._name} has no address before it starts", remedy=f"with {self._name}():"
            )
        return f"http://127.0.0.1:{self._listener.server_port}"

    def start(self) -> None:
        """Listen. Raises RunMisuse when it listens already."""
        if self._listener is not None:
            raise RunMisuse(f"the {self._name} listens already", where=self.address, remedy="stop() it first")
        self._stopping.clear()
        self._listener = Listener(("127.0.0.1", self._port), self._handler, owner=self._owner)
        self._thread = threading.Thread(
            target=self._listener.serve_forever, args=(_POLL_S,), name=self._thread_name, daemon=True
        )
        # Started inside a run it would be of the run, whose virtual time then waits for it.
        contextvars.Context().run(self._thread.start)

    def stop(self) -> None:
        """Stop listening and break every open connection. Does nothing when stopped already."""
        if self._listener is None or self._thread is None:
            return
        self._stopping.set()
        self._listener.shutdown()
        self._listener.hang_up()
        self._listener.server_close()
        self._thread.join()
        self._listener = self._thread = None

    def pause(self, seconds: float) -> None:
        """Let real time pass, until it stops."""
        if seconds > 0:
            self._stopping.wait(seconds)


class Listening:
    """A double with a ``_service``: a context manager that listens while its body runs."""

    _service: Service

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Listen on 127.0.0.1. Raises RunMisuse when it listens already."""
        self._service.start()
        return self

    def stop(self) -> None:
        """Stop listening and break every open connection. Does nothing when stopped already."""
        self._service.stop()
