"""The file of labels: append-only, one line for each word of a person on a verdict."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path

import msgspec

from agentops_eval.domain import JudgeInvalid, VerdictValue
from agentops_eval.evals.judging import Label

LABELS = "labels.jsonl"
_LONGEST_FILE = 256 * 1024 * 1024


def read_labels(path: Path) -> tuple[Label, ...]:
    """Every label, oldest first; none where there is no file. Raises JudgeInvalid, naming the line."""
    try:
        if path.stat().st_size > _LONGEST_FILE:
            raise JudgeInvalid(
                "the file of labels is too large to be one",
                where=str(path),
                remedy=f"keep up to {_LONGEST_FILE >> 20} MB in it; move the oldest lines elsewhere",
            )
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise JudgeInvalid(
            f"the labels cannot be read: {error.strerror or error}", where=str(path)
        ) from error
    return tuple(_label(line, f"{path}:{n}") for n, line in enumerate(lines, start=1) if line.strip())


def append_label(path: Path, label: Label) -> None:
    """Add one label at the end, in one write. Raises JudgeInvalid where the disk refuses."""
    data = msgspec.json.encode(asdict(label)) + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            size = os.fstat(handle).st_size
            if size and os.pread(handle, 1, size - 1) != b"\n":
                data = b"\n" + data  # an editor left the last line without its end
            os.write(handle, data)
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        what = f"the label cannot be written: {error.strerror or error}"
        raise JudgeInvalid(what, where=str(path), remedy="make room, or name another folder") from error


_DECODER = msgspec.json.Decoder(Label)


def _label(line: bytes, where: str) -> Label:
    try:
        found = _DECODER.decode(line)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        what = f"this line is no label: {error}"
        raise JudgeInvalid(
            what, where=where, remedy="take the line out; labels are written by judge label"
        ) from None
    if found.label is VerdictValue.UNKNOWN:
        raise JudgeInvalid("a label is pass or fail", where=where, remedy="take the line out")
    return found
