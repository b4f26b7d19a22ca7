"""The embedded server: an event loop in a thread of its own, on loopback."""

from __future__ import annotations

import asyncio
import contextvars
import socket
import threading
from collections.abc import Iterable
from typing import Self

from agentops_eval.chaos.toxiproxy._embedded._addresses import Address
from agentops_eval.chaos.toxiproxy._embedded._api import Api
from agentops_eval.chaos.toxiproxy._embedded._http import LONGEST_HEAD, serve
from agentops_eval.chaos.toxiproxy._embedded._proxy import bound
from agentops_eval.chaos.toxiproxy._embedded._registry import Registry
from agentops_eval.chaos.toxiproxy._embedded._toxics import Refused
from agentops_eval.domain import RunMisuse, ToxiproxyPort, is_loopback
from agentops_eval.seams import suspended

_MOST_CLIENTS = 256


class EmbeddedServer:
    """A TCP proxy that speaks Toxiproxy's HTTP API; it listens between ``start`` and ``stop``.

    ``seed`` decides what toxicity, jitter and slices come to. It listens on loopback only, and connects to
    loopback and to the hosts that ``allowed`` names.

    ``start`` raises ToxiproxyPort where ``port`` is taken; 0 is any free one.
    """

    def __init__(
        self, *, host: str = "127.0.0.1", port: int = 0, seed: int = 0, allowed: Iterable[str] = ()
    ) -> None:
        if not is_loopback(host):
            raise ValueError(f"{host} is not loopback")
        self.seed = seed
        self._address = Address("127.0.0.1" if host == "localhost" else host, port)
        self._allowed = frozenset(allowed)
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._over: asyncio.Event | None = None

    def __repr__(self) -> str:
        return f"<EmbeddedServer {self.url} seed={self.seed}>"

    def __enter__(self) -> Self:
        """Begin to listen."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where its API is."""
        return f"http://{self._address}"

    @property
    def port(self) -> int:
        """The API's port."""
        return self._address.port

    def start(self) -> None:
        """Begin to listen. Raises ToxiproxyPort."""
        if self._thread is not None:
            raise RunMisuse("the embedded server runs already", remedy="stop it before it is started again")
        try:
            listener = bound(self._address)
            listener.listen(_MOST_CLIENTS)
        except (Refused, OSError) as error:
            raise ToxiproxyPort(
                f"port {self._address.port} is taken",
                where=self.url,
                difference=str(error),
                remedy="agentops-eval toxiproxy serve --port 0, which takes any free one; or end what "
                f"listens there, such as another toxiproxy: ss -ltnp 'sport = :{self._address.port}'",
            ) from None
        self._address = Address(self._address.host, listener.getsockname()[1])
        ready = threading.Event()
        self._thread = threading.Thread(
            target=self._run, args=(listener, ready), name="agentops-toxiproxy", daemon=True
        )
        contextvars.Context().run(self._thread.start)
        ready.wait()

    def stop(self) -> None:
        """Break every connection, and end. Stopping twice does nothing."""
        if self._thread is None:
            return
        assert self._loop is not None
        assert self._over is not None
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()
        self._thread = self._loop = self._over = None

    def _run(self, listener: socket.socket, ready: threading.Event) -> None:
        # It belongs to no run, and what it carries is no run's either: it is the network that they use.
        with suspended(), asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
            runner.run(self._serve(listener, ready))

    async def _serve(self, listener: socket.socket, ready: threading.Event) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        registry = Registry(seed=self.seed, allowed=self._allowed)
        clients: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        api = Api(registry)

        async def client(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            if len(clients) >= _MOST_CLIENTS:
                writer.close()
                return
            clients[task] = writer
            try:
                await serve(reader, writer, api.answer)
            finally:
                del clients[task]

        server = await asyncio.start_server(client, sock=listener, limit=LONGEST_HEAD)
        ready.set()
        await self._over.wait()
        server.close()
        registry.stop()
        for writer in clients.values():  # cancelling their tasks would be told as an error
            writer.transport.abort()
        await asyncio.gather(*clients, return_exceptions=True)
        await asyncio.sleep(0)  # closed transports tell their protocols in the next turn
        await asyncio.sleep(0)
