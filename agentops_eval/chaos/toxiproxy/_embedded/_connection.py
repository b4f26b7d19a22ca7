"""One connection through a proxy: two sockets, and a pipe in each direction.

The pipes decide what passes when; here it is read, written, and waited for. A side that is slow to read
slows its sender down, because no more than ``room`` bytes are held for it.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress

from agentops_eval.chaos.toxiproxy._embedded._pipe import Chance, Pipe
from agentops_eval.chaos.toxiproxy._embedded._stages import End
from agentops_eval.chaos.toxiproxy._embedded._toxics import ToxicSpec

_LINGER_S = 1.0
"""How long a side that was told of the end may take to close; what it still sends is thrown away."""

_WRITE_AHEAD = 256 * 1024
_AT_ONCE = struct.pack("ii", 1, 0)


class Side(asyncio.Protocol):
    """The socket to one side; ``flow`` is what comes from it, ``back`` what goes to it."""

    transport: asyncio.Transport
    flow: Flow
    back: Flow

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.finished = self.gone = self.hanging_up = False
        self._full = self._shut = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Nothing is read before there is somewhere to send it."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.set_write_buffer_limits(high=_WRITE_AHEAD)
        transport.pause_reading()
        self.connection.made(self)

    def data_received(self, data: bytes) -> None:
        """Bytes came."""
        if not self.hanging_up:
            self.flow.arrived(data)

    def eof_received(self) -> bool:
        """The side finished sending; it may still read."""
        self.finished = True
        if self.hanging_up:
            return False  # which closes the transport
        self.flow.arrived(b"", End.FINISHED)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is closed, by us or by a crash of its side."""
        self.gone = True
        self.connection.lost(self)

    def pause_writing(self) -> None:
        """The side reads too slowly."""
        self._full = True

    def resume_writing(self) -> None:
        """It has caught up."""
        self._full = False
        self.back.pump()

    @property
    def takes(self) -> bool:
        """Whether more may be written now."""
        return not (self._full or self.gone or self.hanging_up or self.transport.is_closing())

    def write(self, data: bytes) -> None:
        """Send to it, unless it has crashed meanwhile."""
        if not self.transport.is_closing():
            self.transport.write(data)

    def finish(self) -> None:
        """Tell it that nothing more comes."""
        if not (self._shut or self.gone or self.transport.is_closing()):
            self._shut = True
            with suppress(OSError):  # it has crashed meanwhile
                self.transport.write_eof()

    def hang_up(self) -> None:
        """Close so that the side sees an end, and no reset for what it had sent meanwhile."""
        if self.gone or self.hanging_up:
            return
        self.hanging_up = True
        self.finish()
        if self.finished:
            self.transport.close()
            return
        self.transport.resume_reading()
        self.connection.loop.call_later(_LINGER_S, self.transport.close)

    def reset(self) -> None:
        """Close so that the side sees a reset."""
        if not self.gone:
            with suppress(OSError, AttributeError):  # closed already
                self.transport.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE
                )
            self.transport.abort()


class Flow:
    """One direction: what ``source`` sends goes through the pipe to ``sink``."""

    def __init__(self, connection: Connection, source: Side, sink: Side, chance: Chance) -> None:
        self.pipe = Pipe(chance)
        self._connection, self._source, self._sink = connection, source, sink
        self._paused = True
        self._alarm: asyncio.TimerHandle | None = None

    def open(self) -> None:
        """Begin to read."""
        self._paused = False
        self._source.transport.resume_reading()
        self.pump()

    def arrived(self, data: bytes, end: End | None = None) -> None:
        """Something came from the source."""
        if end is None and self.pipe.is_plain and self._sink.takes:
            self._sink.write(data)
            self._slow_down()
            return
        self.pipe.feed(data, self._connection.loop.time(), end)
        self.pump()

    def pump(self) -> None:
        """Send what is due, and set the alarm for what is due next."""
        self.silence()
        loop = self._connection.loop
        if self._sink.takes:
            for piece in self.pipe.advance(loop.time()):
                if piece.data:
                    self._sink.write(piece.data)
                if piece.end is not None:
                    self._connection.ended(self._sink, piece.end)
            due_s = self.pipe.due_s()
            if due_s is not None and self._sink.takes:
                self._alarm = loop.call_at(due_s, self.pump)
        self._slow_down()

    def silence(self) -> None:
        """Forget the alarm."""
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _slow_down(self) -> None:
        """Read on while there is room, and not while there is none."""
        if self._source.gone or self._source.hanging_up or self._source.finished:
            return
        room = self._connection.room()
        held = self.pipe.held
        full = held >= room or not self._sink.takes
        if full and not self._paused:
            self._paused = True
            self._source.transport.pause_reading()
        elif self._paused and self._sink.takes and held <= room // 2:
            self._paused = False
            self._source.transport.resume_reading()


class Connection:
    """A client, the upstream it was connected with, and the toxics between them."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        chance: Chance,
        *,
        room: Callable[[], int],
        dial: Callable[[Connection], None],
        forget: Callable[[Connection], None],
    ) -> None:
        self.loop, self.room = loop, room
        self._dial, self._forget = dial, forget
        self.client, self.upstream = Side(self), Side(self)
        self.flows = {
            "upstream": Flow(self, self.client, self.upstream, chance),
            "downstream": Flow(self, self.upstream, self.client, chance),
        }
        self.client.flow = self.upstream.back = self.flows["upstream"]
        self.upstream.flow = self.client.back = self.flows["downstream"]
        self._joined = False

    def add(self, toxic: ToxicSpec) -> None:
        """Put a toxic on this connection."""
        self.flows[toxic.stream].pipe.add(toxic, self.loop.time())
        self._pump(toxic)

    def update(self, toxic: ToxicSpec) -> None:
        """Change a toxic of this connection."""
        self.flows[toxic.stream].pipe.update(toxic, self.loop.time())
        self._pump(toxic)

    def remove(self, toxic: ToxicSpec) -> None:
        """Take a toxic off."""
        self.flows[toxic.stream].pipe.remove(toxic.name, self.loop.time())
        self._pump(toxic)

    def made(self, side: Side) -> None:
        """A socket is there: first the client's, which asks for the upstream's."""
        if side is self.client:
            self._dial(self)
        elif self.client.gone:
            side.transport.abort()
        else:
            self._joined = True
            for flow in self.flows.values():
                flow.open()

    def refuse(self) -> None:
        """There is no upstream: the client sees its connection end."""
        self.client.hang_up()

    def ended(self, sink: Side, end: End) -> None:
        """A direction came to its end at ``sink``."""
        if end is End.RESET:
            self.client.reset()
            self.upstream.reset()
        elif end is End.CLOSED:
            self.client.hang_up()
            self.upstream.hang_up()
        else:
            sink.finish()
            if all(flow.pipe.ended for flow in self.flows.values()):
                self.client.transport.close()
                self.upstream.transport.close()

    def lost(self, side: Side) -> None:
        """A socket is closed. Where its side crashed, the other is reset: nothing ends well by accident."""
        other = self.upstream if side is self.client else self.client
        for flow in self.flows.values():
            flow.silence()
        if not self._joined or other.gone:
            self._forget(self)
        elif not (other.hanging_up or other.transport.is_closing()):
            other.reset()

    def abort(self) -> None:
        """End it at once, as a proxy does that is taken down."""
        for side in (self.client, self.upstream):
            if hasattr(side, "transport") and not side.gone:
                side.transport.abort()

    def _pump(self, toxic: ToxicSpec) -> None:
        if self._joined:
            self.flows[toxic.stream].pump()
