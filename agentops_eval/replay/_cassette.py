"""Cassettes: what the world answered in one run, one event per line.

The first line says what was recorded, the last one that the recording is complete. Everything is
read when a cassette is opened, so a damaged line is named before anything runs.
"""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from agentops_eval.domain import (
    CassetteCorrupt,
    CassetteForeign,
    CassetteMissing,
    CassetteStale,
    CassetteVersion,
    Event,
    MergeConflict,
)
from agentops_eval.replay._codec import decode, decode_event
from agentops_eval.replay._names import OWN_SUFFIX, VCR_SUFFIXES
from agentops_eval.replay._shapes import check_shape
from agentops_eval.traces import LOOK_AROUND, FileKind, kind_of

FORMAT_VERSION = 1
COMPLETED = "completed"
INTERRUPTED = "interrupted"

_CONFLICT_MARKS = frozenset({b"<<<<<<<", b">>>>>>>", b"=======", b"|||||||"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CassetteHeader:
    """What was recorded: the test case, the agent, when, by which release, under which rules.

    ``recorded_at`` is ISO 8601 in UTC; ``wall_start_s`` the wall clock at the start, in seconds since
    the epoch; ``rules`` the digest of the match rules with which the events' keys were made. A
    branch names itself and the SHA-256 of the cassette that it left. ``upstreams`` are addresses that
    stood behind a recording proxy, by name.
    """

    version: int = FORMAT_VERSION
    case: str
    agent: str = ""
    recorded_at: str = ""
    tool: str = ""
    wall_start_s: float = 0.0
    rules: str = ""
    branch: str = ""
    branch_of: str = ""
    upstreams: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cassette:
    """A recording that was read whole.

    ``events`` are in the order in which they started. ``outcome`` is ``completed`` or tells how the
    run ended. ``prefix`` holds, in a branch, the parent's events that the run took.
    ``vcr`` says that it is one of vcrpy's.
    """

    path: Path
    header: CassetteHeader
    events: tuple[Event, ...] = ()
    outcome: str = COMPLETED
    prefix: tuple[int, ...] = ()
    known_digest: str = field(default="", compare=False)
    vcr: bool = field(default=False, compare=False)

    @property
    def digest(self) -> str:
        """The SHA-256 of the file, with line ends as git keeps them; worked out when it is asked for."""
        return self.known_digest or file_digest(self.path)


class End(msgspec.Struct, omit_defaults=True):
    """The last line: how many events there are, how the run ended, what a branch took."""

    events: int
    outcome: str = COMPLETED
    prefix: tuple[int, ...] = ()


class EndLine(msgspec.Struct):
    """The wire form of the last line."""

    end: End


class HeaderLine(msgspec.Struct):
    """The wire form of the first line."""

    cassette: CassetteHeader


class _Version(msgspec.Struct):
    version: int


class _VersionLine(msgspec.Struct):
    cassette: _Version


_VERSION = msgspec.json.Decoder(_VersionLine)
_HEADER = msgspec.json.Decoder(HeaderLine)
_END = msgspec.json.Decoder(EndLine)


def read_cassette(path: Path) -> Cassette:
    """Read a cassette; one of vcrpy or pytest-recording (``.yaml``, ``.yml``, ``.json``) is read too.

    A cassette of ours is known by its first line, whatever its name.

    Raises CassetteMissing, CassetteCorrupt (naming file, line and field), CassetteVersion and
    MergeConflict.
    """
    data = read_bytes(path)
    if is_vcr(path, data):
        from agentops_eval.replay._vcr import parse_vcr

        return parse_vcr(data, path)
    _refuse_stranger(data, path)
    lines = split_lines(data, path)
    header = read_header(lines, path)
    end = _read_end(lines, path)
    events = _read_events(lines[1:-1], path)
    if end.events != len(events):
        raise CassetteCorrupt(
            f"the last line counts {end.events} events, the file has {len(events)}: lines were added or lost",
            where=f"{path}:{len(lines)}",
            remedy=rerecord(path),
        )
    return Cassette(
        path=path,
        header=header,
        events=in_order(events, path),
        outcome=end.outcome,
        prefix=end.prefix,
    )


def is_vcr(path: Path, data: bytes) -> bool:
    """Whether a cassette is one of vcrpy's: by its name, unless its first line says that it is ours."""
    return path.suffix.lower() in VCR_SUFFIXES and kind_of(data) in (FileKind.OTHER, FileKind.EMPTY)


def _refuse_stranger(data: bytes, path: Path) -> None:
    """Tell what is no cassette at all from one that was damaged. Raises CassetteCorrupt."""
    kind, where, shown = kind_of(data), f"{path}:1", shlex.quote(str(path))
    if kind is FileKind.GOLDEN:
        what, remedy = "the file is a golden, not a recording", f"agentops-eval trace show {shown}"
        raise CassetteCorrupt(what, where=where, remedy=remedy)
    if kind is FileKind.OTHER and path.suffix.lower() != OWN_SUFFIX:
        raise CassetteCorrupt("the file is no cassette", where=where, remedy=LOOK_AROUND)


def read_partial(path: Path) -> Cassette:
    """What an interrupted recording had seen: every whole line, with the outcome ``interrupted``.

    Raises CassetteMissing, and CassetteCorrupt where not even the first line is whole.
    """
    data = read_bytes(path)
    whole = data[: data.rfind(b"\n") + 1]
    lines = split_lines(whole, path)
    header = read_header(lines, path)
    body = lines[1:-1] if lines[-1].startswith(b'{"end"') else lines[1:]
    events = in_order(_read_events(body, path), path)
    return Cassette(
        path=path, header=header, events=events, outcome=INTERRUPTED, known_digest=digest_of(whole)
    )


def check_cassette(
    cassette: Cassette, *, case: str = "", max_age_days: float | None = None, now: datetime | None = None
) -> None:
    """Check that a cassette belongs to ``case`` and is at most ``max_age_days`` old.

    Raises CassetteForeign and CassetteStale. A recording without a date is too old for any limit;
    one that names no case, as those of vcrpy, belongs to all.
    """
    header, where = cassette.header, f"{cassette.path}:1"
    if case and header.case and header.case != case:
        raise CassetteForeign(
            "the cassette was recorded by another test",
            where=where,
            difference=f"this test  {case}\nrecorded   {header.case}",
            remedy=f"give each test its own cassette; {rerecord(cassette.path)}",
        )
    if max_age_days is None:
        return
    limit = f"the limit is {max_age_days:g} days (max_age_days)"
    age = age_days(header.recorded_at, now or datetime.now(UTC))
    if age is None:
        raise CassetteStale(
            f"the cassette does not say when it was recorded, and {limit}",
            where=where,
            remedy=rerecord(cassette.path),
        )
    if age > max_age_days:
        raise CassetteStale(
            f"the cassette is {age:.1f} days old; {limit}",
            where=where,
            difference=f"recorded   {header.recorded_at}",
            remedy=rerecord(cassette.path),
        )


def age_days(recorded_at: str, now: datetime) -> float | None:
    """How many days ago something was recorded, by its header; None where that does not say when."""
    try:
        recorded = datetime.fromisoformat(recorded_at)
    except ValueError:
        return None
    recorded = recorded if recorded.tzinfo else recorded.replace(tzinfo=UTC)
    return (now - recorded).total_seconds() / 86400


def file_digest(path: Path) -> str:
    """The SHA-256 of a cassette's file, as ``Cassette.digest`` has it. Raises CassetteMissing."""
    return digest_of(read_bytes(path))


def rerecord(path: Path) -> str:
    """The remedy that always works."""
    return f"record it again with --agentops-record=all, or restore {path.name} from version control"


def split_lines(data: bytes, path: Path) -> list[bytes]:
    """The lines of a cassette's bytes, CRLF taken for LF. Raises CassetteCorrupt and MergeConflict."""
    if not data or data.isspace():
        raise CassetteCorrupt("the cassette is empty", where=f"{path}:1", remedy=rerecord(path))
    if data.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise CassetteCorrupt(
            "the file begins with a byte order mark: an editor saved it in another encoding",
            where=f"{path}:1",
            remedy="save it as UTF-8 without a byte order mark",
        )
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    for number, line in enumerate(lines, start=1):
        if line[:7] in _CONFLICT_MARKS:
            raise MergeConflict(
                "the cassette still holds git's conflict marks",
                where=f"{path}:{number}",
                remedy=f"git checkout --theirs {path} (or --ours), or record it again",
            )
    return lines


def read_header(lines: list[bytes], path: Path) -> CassetteHeader:
    """The first line. Raises CassetteCorrupt and CassetteVersion."""
    try:
        version = decode(lines[0], _VERSION).cassette.version
        if version == FORMAT_VERSION:
            return decode(lines[0], _HEADER).cassette
    except _DECODING as error:
        raise corrupt(path, 1, error) from error
    older = version < FORMAT_VERSION
    raise CassetteVersion(
        f"the cassette has format version {version}; this release reads version {FORMAT_VERSION}",
        where=f"{path}:1",
        remedy=f"agentops-eval cassette migrate {path}"
        if older
        else "update your installation of agentops-eval to the release that recorded it, or newer",
    )


def corrupt(path: Path, number: int, error: Exception) -> CassetteCorrupt:
    """What a decoder said about a line, as an error of ours."""
    what = "nested too deeply" if isinstance(error, RecursionError) else str(error)
    if isinstance(error, UnicodeDecodeError):
        what = f"not UTF-8: {error.reason} at byte {error.start}"
    return CassetteCorrupt(
        f"line {number} is not what the cassette format says: {what}",
        where=f"{path}:{number}",
        remedy=rerecord(path),
    )


_DECODING = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError)


def _read_end(lines: list[bytes], path: Path) -> End:
    number = len(lines)
    if number == 1 or not lines[-1].startswith(b'{"end"'):
        raise CassetteCorrupt(
            "the cassette has no last line: its recording was cut off, or lines were lost",
            where=f"{path}:{number}",
            remedy=rerecord(path),
        )
    try:
        return decode(lines[-1], _END).end
    except _DECODING as error:
        raise corrupt(path, number, error) from error


def written_end(data: bytes) -> End | None:
    """The last line of a recording's bytes, where it was written before the recording broke off."""
    last = data[: data.rfind(b"\n") + 1].rstrip(b"\n").rpartition(b"\n")[2]
    return decode(last, _END).end if last.startswith(b'{"end"') else None


def _read_events(lines: list[bytes], path: Path) -> list[Event]:
    folder, name = path.parent, str(path)
    events: list[Event] = []
    for number, line in enumerate(lines, start=2):
        try:
            event = decode_event(line, folder, f"{name}:{number}")
            check_shape(event)
        except _DECODING as error:
            raise corrupt(path, number, error) from error
        events.append(event)
    return events


def in_order(events: list[Event], path: Path) -> tuple[Event, ...]:
    """The events as they started; a cassette keeps them as they completed. Raises CassetteCorrupt."""
    lines: dict[int, int] = {}
    for number, event in enumerate(events, start=2):
        first = lines.setdefault(event.index, number)
        if first != number:
            raise CassetteCorrupt(
                f"lines {first} and {number} have the same index {event.index}",
                where=f"{path}:{number}",
                remedy=rerecord(path),
            )
    return tuple(sorted(events, key=lambda event: event.index))


def digest_of(data: bytes) -> str:
    """The SHA-256 of a cassette's bytes with the line ends that git keeps; the first line tells them."""
    end = data.find(b"\n")  # to look for them everywhere costs as much as the hash
    crlf = data[max(0, end - 1) : end] == b"\r"
    return hashlib.sha256(data.replace(b"\r\n", b"\n") if crlf else data).hexdigest()


def read_bytes(path: Path) -> bytes:
    """The file's bytes. Raises CassetteMissing and CassetteCorrupt."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise CassetteMissing(
            "there is no recording", where=str(path), remedy="record it: add --agentops-record=once"
        ) from None
    except (OSError, ValueError) as error:
        raise CassetteCorrupt(
            f"the cassette cannot be read: {error}", where=str(path), remedy="check its path and permissions"
        ) from error
