"""SDK clients by address: building one loads certificates, which takes longer than a whole replay."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, Protocol, TypeVar

_KEPT = 8


class _Closable(Protocol):
    def close(self) -> None: ...


C = TypeVar("C", bound=_Closable)


class Clients(Generic[C]):
    """Keeps the clients used last, and closes the one that has to go."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, C] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], C]) -> C:
        """Give the client of ``key``, made on first use."""
        with self._lock:
            client = self._kept.get(key)
            if client is None:
                client = self._kept[key] = make()
            self._kept.move_to_end(key)
            gone = self._kept.popitem(last=False)[1] if len(self._kept) > _KEPT else None
        if gone is not None:
            gone.close()
        return client
