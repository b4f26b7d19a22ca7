"""What an interrupted recording left behind, made into a cassette."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from agentops_eval.domain import CassetteCorrupt, CassetteWrite, Event
from agentops_eval.replay._blobs import cited, drop_blobs
from agentops_eval.replay._cassette import End, read_partial, rerecord, written_end
from agentops_eval.replay._writer import CassetteWriter
from agentops_eval.traces import PARTIAL_SUFFIX
from agentops_eval.traces.redaction import Redactor


def recover(
    partial: Path,
    *,
    redactor: Redactor,
    key: Callable[[Event], str],
    rules: str,
    target: Path | None = None,
) -> Path:
    """Make a cassette of what an interrupted recording saw, and give its path.

    Its events are redacted once more, by what all of them together give away: a process that was
    killed had no time for that. ``key`` and ``rules`` are those under which its keys are made;
    ``target`` defaults to the cassette that was being recorded. Raises CassetteWrite where that exists
    already, CassetteCorrupt where the partial holds no whole event, and SecretFound.
    """
    cassette = read_partial(partial)
    if not cassette.events:
        raise CassetteCorrupt(
            "the interrupted recording had seen nothing", where=str(partial), remedy=rerecord(partial)
        )
    target = target or partial.with_name(_target_name(partial.name))
    if target.exists():
        raise CassetteWrite(
            "there is a cassette already, and recovering never overwrites one",
            where=str(target),
            remedy="give another target, or remove the old cassette first",
        )
    before = partial.read_bytes()
    end = written_end(before) or End(events=len(cassette.events), outcome=cassette.outcome)
    header = replace(cassette.header, rules=rules)
    writer = CassetteWriter(target, header, redactor=redactor, key=key, exclusive=True)
    try:
        for event in redactor.events(cassette.events):
            writer.append(event)
        writer.commit(outcome=end.outcome, prefix=end.prefix)
    except BaseException:
        writer.discard()
        raise
    with suppress(OSError):
        partial.unlink()
    drop_blobs(partial.parent, cited(before) - cited(target.read_bytes()))
    return target


def _target_name(partial: str) -> str:
    """``.case.cassette.jsonl.<pid>.<random>.partial`` without its additions."""
    return partial.removeprefix(".").removesuffix(PARTIAL_SUFFIX).rsplit(".", 2)[0]
