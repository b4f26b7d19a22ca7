"""Putting a server back as it was: what this process changed, or what one that is gone left behind."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from pathlib import Path

from agentops_eval.chaos.toxiproxy._client import TIMEOUT_S, Consumer
from agentops_eval.chaos.toxiproxy._ledger import Ledger
from agentops_eval.chaos.toxiproxy._undo import apply
from agentops_eval.domain import AgentopsError, RestoreIncomplete, ToxiproxyUnreachable


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What was done: steps that changed something, and those where nothing was left to do."""

    server: str
    undone: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


def restore(ledger: str | os.PathLike[str], *, timeout_s: float = TIMEOUT_S) -> Restored:
    """Take back every change that a process which is gone left at its server, and remove its ledger.

    Raises LedgerInvalid, and RestoreIncomplete where something is left; the ledger keeps that.
    """
    path = Path(ledger)
    kept = Ledger.read(path)
    try:
        if not kept.steps():
            return Restored(server=kept.head.server)
        server = Consumer(kept.head.server, timeout_s=timeout_s)
        try:
            return take_back(kept, server, path=path)
        finally:
            server.close()
    finally:
        kept.close()


def take_back(ledger: Ledger, server: Consumer, *, since: int = 0, path: Path | None = None) -> Restored:
    """Take back the steps after ``since``, latest first, whatever becomes of the others.

    Raises RestoreIncomplete.
    """
    undone: list[str] = []
    gone: list[str] = []
    failed: list[str] = []
    steps = [(number, undo) for number, undo in ledger.steps() if number > since]
    for number, undo in steps:
        try:
            (undone if apply(undo, server) else gone).append(str(undo))
        except ToxiproxyUnreachable as error:
            if ledger.head.embedded:  # it ended, and everything with it
                left = [(one, str(step)) for one, step in steps if one <= number]
                ledger.settle(*(one for one, _ in left))
                gone += [step for _, step in left]
                break
            failed += [str(step) for one, step in steps if one <= number]
            raise _incomplete(failed, error, server, path) from None
        except AgentopsError as error:
            failed.append(f"{undo}: {error.what}")
            continue
        ledger.settle(number)
    if failed:
        raise _incomplete(failed, None, server, path)
    return Restored(server=server.url, undone=tuple(undone), gone=tuple(gone))


def _incomplete(
    failed: list[str], error: AgentopsError | None, server: Consumer, path: Path | None
) -> RestoreIncomplete:
    again = "call rollback() again" if path is None else f"agentops-eval toxiproxy restore {_word(path)}"
    return RestoreIncomplete(
        f"{len(failed)} of the changes to a Toxiproxy server could not be taken back",
        where=server.url,
        difference="\n".join([*([error.what] if error else []), *failed[:20]]),
        remedy=f"when the server answers again:  {again}" if error else again,
    )


def _word(path: Path) -> str:
    return shlex.quote(str(path))
