"""Cassettes of vcrpy and pytest-recording, YAML or JSON, read as ours."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from agentops_eval.domain import (
    CassetteCorrupt,
    Chunk,
    Event,
    Headers,
    HttpReply,
    HttpRequest,
    KeptBody,
    MergeConflict,
    Seam,
    header,
)
from agentops_eval.replay._cassette import Cassette, CassetteHeader, rerecord
from agentops_eval.replay._shapes import check_shape
from agentops_eval.traces import CODINGS, is_packed

MAX_EXPANSION = 50
MAX_NESTING = 200
_LEAST_LIMIT = 1_000_000
_PORTS = {"http": 80, "https": 443}


def parse_vcr(data: bytes, path: Path) -> Cassette:
    """A cassette of vcrpy as one of ours: each interaction a call with a body of one chunk.

    All format versions are read, vcrpy's metadata is passed over, and so is a ``parsed_body`` that
    holds a JSON body as YAML. A ``content-encoding`` that the stored body no longer has, and a wrong
    ``content-length``, are mended. Raises CassetteCorrupt and MergeConflict.
    """
    document = _load(data, path)
    events: list[Event] = []
    for number, item in enumerate(_interactions(document, path)):
        try:
            event = _event(item, number)
            check_shape(event)
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
            raise _corrupt(path, f"interaction {number + 1}: {_said(error)}") from error
        events.append(event)
    recorded = [date for event in events if (date := _date(event)) is not None]
    first = min(recorded, default=None)
    header = CassetteHeader(
        case="",
        recorded_at="" if first is None else first.isoformat(),
        tool="vcrpy",
        wall_start_s=0.0 if first is None else first.timestamp(),
    )
    digest = hashlib.sha256(data).hexdigest()
    return Cassette(path=path, header=header, events=tuple(events), known_digest=digest, vcr=True)


def _load(data: bytes, path: Path) -> object:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _corrupt(path, f"not UTF-8: {error.reason} at byte {error.start}") from error
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith(("<<<<<<< ", ">>>>>>> ")):
            raise MergeConflict(
                "the cassette still holds git's conflict marks",
                where=f"{path}:{number}",
                remedy=f"git checkout --theirs {path} (or --ours), or record it again",
            )
    try:
        document = json.loads(text) if path.suffix.lower() == ".json" else _load_yaml(text)
    except json.JSONDecodeError as error:
        raise _corrupt(path, error.msg, line=error.lineno) from error
    except RecursionError as error:
        raise _corrupt(path, "nested too deeply") from error
    except Exception as error:  # constructors of dates, numbers and keys raise what they like
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        what = getattr(error, "problem", None) or _said(error)
        raise _corrupt(path, str(what), line=0 if mark is None else mark.line + 1) from error
    _check_size(document, len(data), path)
    return document


def _load_yaml(text: str) -> object:
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader: Any = type("_Loader", (base,), {"descend_resolver": _descend, "ascend_resolver": _ascend})
    prefix = "tag:yaml.org,2002:python/"
    for tag in ("str", "unicode"):
        loader.add_constructor(prefix + tag, lambda at, node: at.construct_scalar(node))
    loader.add_constructor(prefix + "tuple", lambda at, node: at.construct_sequence(node, deep=True))
    loader.add_constructor(prefix + "object/new:_io.BytesIO", _construct_file)
    loader.add_constructor(prefix + "object/apply:builtins.iter", _construct_iterator)
    # Before version 1, requests and header sets were pickled objects; only their data is taken.
    loader.add_constructor(
        prefix + "object:vcr.request.Request", lambda at, node: at.construct_mapping(node, deep=True)
    )
    for module in ("__builtin__", "builtins"):
        loader.add_constructor(
            f"{prefix}object/apply:{module}.frozenset",
            lambda at, node: at.construct_sequence(node, deep=True),
        )
    document: object = yaml.load(text, Loader=loader)  # noqa: S506  a subclass of the safe loader
    return document


def _descend(loader: Any, _parent: Any, _index: Any) -> None:
    """Count how deep the composer is: libyaml's overruns the C stack on some thousand brackets."""
    loader.depth = getattr(loader, "depth", 0) + 1
    if loader.depth > MAX_NESTING:
        raise RecursionError


def _ascend(loader: Any) -> None:
    loader.depth -= 1


def _construct_file(loader: Any, node: Any) -> bytes:
    state = loader.construct_mapping(node, deep=True).get("state") or (b"",)
    return _bytes(state[0])


def _construct_iterator(loader: Any, node: Any) -> bytes:
    args: Any = loader.construct_mapping(node, deep=True).get("args") or [[]]
    return b"".join(_bytes(piece) for piece in args[0])


def _check_size(document: object, size: int, path: Path) -> None:
    """Refuse aliases that make a small file large, or endless, once they are written out."""
    limit = max(_LEAST_LIMIT, size * MAX_EXPANSION)
    sizes: dict[int, int] = {}
    stack: list[tuple[object, bool]] = [(document, False)]
    opened: set[int] = set()
    while stack:
        node, leaving = stack.pop()
        if not isinstance(node, (dict, list, tuple)):
            continue
        children = list(node.values()) if isinstance(node, dict) else node
        if leaving:
            opened.discard(id(node))
            total = 1 + sum(sizes.get(id(child), _weight(child)) for child in children)
            if total > limit:
                raise _corrupt(path, "its aliases unfold to far more than the file's size")
            sizes[id(node)] = total
        elif id(node) in opened:
            raise _corrupt(path, "an alias contains itself")
        elif id(node) not in sizes:
            opened.add(id(node))
            stack.append((node, True))
            stack += [(child, False) for child in children]


def _weight(node: object) -> int:
    return 1 + len(node) if isinstance(node, (str, bytes)) else 1


def _interactions(document: object, path: Path) -> Sequence[Mapping[str, Any]]:
    if isinstance(document, Mapping):
        found = document.get("interactions")
        version = document.get("version", 1)
        if version != 1:
            raise _corrupt(path, f"format version {version!r} is not one of vcrpy")
    else:
        found = [_before_version_1(item) for item in document] if isinstance(document, list) else None
    if found is None and isinstance(document, Mapping) and "metrics" in document:
        decide = f"agentops-eval gate decide --gate {shlex.quote(str(path))}"
        raise CassetteCorrupt(
            "this is a gate file, and no recording",
            where=str(path),
            remedy=f"{decide} --baseline FILE --candidate FILE",
        )
    if not isinstance(found, list) or not all(isinstance(item, Mapping) for item in found):
        raise _corrupt(path, "there is no list of interactions")
    return found


def _before_version_1(item: Any) -> Any:
    """The format before vcrpy 1.0: an address in parts, request headers as pairs, replies' as lines."""
    if not isinstance(item, Mapping) or not isinstance(item.get("request"), Mapping):
        return None
    old = item["request"]
    if "uri" in old or "protocol" not in old:
        return item
    scheme, port = old["protocol"], old.get("port")
    place = (
        f"{old.get('host', '')}" if port in (None, _PORTS.get(scheme)) else f"{old.get('host', '')}:{port}"
    )
    headers = old.get("headers") or {}
    if isinstance(headers, list):
        headers = dict(headers[0]) if headers else {}
    request = {
        "method": old.get("method"),
        "uri": f"{scheme}://{place}{old.get('path', '')}",
        "body": old.get("body"),
        "headers": headers,
    }
    response = dict(item["response"])
    lines = response.get("headers") or {}
    if isinstance(lines, list):
        response["headers"] = [
            tuple(map(str.strip, str(line).split(":", 1))) for line in lines if ":" in line
        ]
    return {"request": request, "response": response}


def _event(item: Mapping[str, Any], number: int) -> Event:
    source, answer = item["request"], item["response"]
    method, url = str(source["method"]), str(source["uri"])
    headers = _headers(source.get("headers"))
    stored = source.get("body")
    if isinstance(stored, Mapping) and "string" in stored:
        stored = stored["string"]
    if "parsed_body" in source:
        stored = json.dumps(source["parsed_body"], default=str)
    parts = urlsplit(url)
    request = HttpRequest(method=method, url=url, headers=headers, body=_bytes(stored))
    return Event(
        index=number,
        seam=Seam.HTTP,
        boundary=f"{method} {parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}",
        request=request,
        outcome=_reply(answer, method),
    )


def _reply(answer: Mapping[str, Any], method: str) -> HttpReply:
    status = answer.get("status") or {}
    code = status.get("code") if isinstance(status, Mapping) else status
    body = answer.get("body", answer.get("content"))  # early httpx recordings had "content"
    stored = body.get("string", body.get("base64_string")) if isinstance(body, Mapping) else body
    if "parsed_body" in answer:
        stored = json.dumps(answer["parsed_body"], default=str)
    data = _bytes(stored)
    message = status.get("message") if isinstance(status, Mapping) else ""
    headers = _mended(_headers(answer.get("headers")), data, text=isinstance(stored, str), method=method)
    return HttpReply(
        status=int(answer["status_code"] if code is None else code),
        reason=str(message or ""),
        headers=headers,
        http_version=str(answer.get("http_version") or "HTTP/1.1"),
        body=KeptBody(chunks=(Chunk(data),) if data else ()),
    )


def _mended(headers: Headers, data: bytes, *, text: bool, method: str) -> Headers:
    """The headers that go with the stored body, which may have been decompressed or written anew."""
    if not data or method.upper() == "HEAD":
        return headers
    made: list[tuple[str, str]] = []
    for name, value in headers:
        folded = name.lower()
        if folded == "content-encoding" and not _compressed(data, value, text=text):
            continue
        exact = str(len(data)) if folded == "content-length" else value
        made.append((name, exact))
    return tuple(made)


def _compressed(data: bytes, encoding: str, *, text: bool) -> bool:
    if encoding.strip().lower() not in CODINGS:
        return True  # not ours to judge
    return not text and is_packed(data, encoding)


def _headers(stored: Any) -> Headers:
    pairs = stored.items() if isinstance(stored, Mapping) else stored or ()
    made: list[tuple[str, str]] = []
    for name, values in pairs:
        several = values if isinstance(values, (list, tuple)) else [values]
        made += [(_text(name), _text(value)) for value in several]
    return tuple(made)


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else "" if value is None else str(value)


def _bytes(stored: Any) -> bytes:
    if stored is None:
        return b""
    if isinstance(stored, bytes):
        return stored
    if isinstance(stored, str):
        return stored.encode("utf-8", "surrogatepass")
    if isinstance(stored, list) and stored and all(isinstance(piece, (bytes, str)) for piece in stored):
        return b"".join(_bytes(piece) for piece in stored)
    return json.dumps(stored, default=str).encode()  # aiohttp's json= is kept as it was given


def _date(event: Event) -> datetime | None:
    assert isinstance(event.outcome, HttpReply)
    try:
        date = parsedate_to_datetime(header(event.outcome.headers, "date"))
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)


def _said(error: Exception) -> str:
    return f"there is no {error}" if isinstance(error, KeyError) else str(error) or type(error).__name__


def _corrupt(path: Path, what: str, *, line: int = 0) -> CassetteCorrupt:
    return CassetteCorrupt(
        f"this is not a cassette of vcrpy: {what}",
        where=f"{path}:{line}" if line else str(path),
        remedy=rerecord(path),
    )
