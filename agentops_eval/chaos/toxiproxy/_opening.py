"""A Toxiproxy server, wherever it comes from."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from agentops_eval.chaos.toxiproxy._adapter import Toxiproxy
from agentops_eval.chaos.toxiproxy._client import TIMEOUT_S

VARIABLE = "TOXIPROXY_URL"


@contextmanager
def open_toxiproxy(
    environ: Mapping[str, str] | None = None,
    *,
    ledger: str | os.PathLike[str] | None = None,
    seed: int = 0,
    timeout_s: float = TIMEOUT_S,
) -> Iterator[Toxiproxy]:
    """The server that ``TOXIPROXY_URL`` names, else an embedded one that lasts as long as the body.

    Everything that was changed is taken back at the end. ``seed`` is the embedded server's: the Go program's
    has no effect.

    Raises ToxiproxyUnreachable where nothing answers at that address, and RestoreIncomplete.
    """
    url = (os.environ if environ is None else environ).get(VARIABLE, "").strip()
    if url:
        with Toxiproxy(url, ledger=ledger, timeout_s=timeout_s) as toxiproxy:
            toxiproxy.version()
            yield toxiproxy
        return
    from agentops_eval.chaos.toxiproxy._embedded import EmbeddedServer

    with (
        EmbeddedServer(seed=seed) as server,
        Toxiproxy(server.url, ledger=ledger, timeout_s=timeout_s, embedded=True) as toxiproxy,
    ):
        yield toxiproxy
