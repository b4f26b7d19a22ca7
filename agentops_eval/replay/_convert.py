"""Converting cassettes: ours to vcrpy's YAML or JSON, and vcrpy's to ours."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from agentops_eval.domain import (
    CassetteWrite,
    Chunk,
    ConfigInvalid,
    EndKind,
    Event,
    Headers,
    HttpReply,
    HttpRequest,
    KeptBody,
    header,
)
from agentops_eval.replay._cassette import Cassette, read_cassette
from agentops_eval.replay._names import OWN_SUFFIX, VCR_SUFFIXES, case_of
from agentops_eval.replay._writer import CassetteWriter, put_file
from agentops_eval.traces import BodyState, unpack
from agentops_eval.traces.redaction import Redactor

Interaction: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Converted:
    """What a conversion kept: the events written, those left out by what they are, and the loss.

    ``left_out`` counts, per seam, what vcrpy cannot hold; ``failures`` are HTTP calls that had no
    complete answer; ``merged`` are bodies whose chunks became one, ``unpacked`` those that were
    compressed and no longer are.
    """

    path: Path
    events: int
    left_out: tuple[tuple[str, int], ...] = ()
    failures: int = 0
    merged: int = 0
    unpacked: int = 0


def convert_cassette(
    source: Path,
    target: Path,
    *,
    redactor: Redactor,
    key: Callable[[Event], str],
    rules: str = "",
    exclusive: bool = False,
) -> Converted:
    """Convert ``source`` into the format that the suffix of ``target`` names.

    ``.yaml``, ``.yml`` and ``.json`` are vcrpy's, ``.jsonl`` is ours, which is redacted as a
    recording is. ``rules`` is the digest of the rules behind ``key``. A target that is there is replaced
    unless ``exclusive``. Raises what reading and writing raise, ConfigInvalid for another suffix.
    """
    cassette = read_cassette(source)
    suffix = target.suffix.lower()
    if suffix in VCR_SUFFIXES:
        return write_vcr(cassette, target, exclusive=exclusive)
    if suffix != OWN_SUFFIX:
        raise ConfigInvalid(
            f"{target.name} names no cassette format",
            difference=".jsonl is ours; .yaml, .yml and .json are vcrpy's",
            remedy="give the target one of these suffixes",
        )
    case = cassette.header.case or case_of(target)
    header = replace(cassette.header, case=case, rules=rules)
    writer = CassetteWriter(target, header, redactor=redactor, key=key, exclusive=exclusive)
    try:
        for event in cassette.events:
            writer.append(event)
        writer.commit(outcome=cassette.outcome, prefix=cassette.prefix)
    except BaseException:
        writer.discard()
        raise
    return Converted(path=target, events=len(cassette.events))


def write_vcr(cassette: Cassette, target: Path, *, exclusive: bool = False) -> Converted:
    """Write a cassette's HTTP calls for vcrpy, as YAML or, for ``.json``, as JSON.

    vcrpy knows no tools, clocks, failures or chunks: what is left out is counted in the result.
    Compressed bodies are unpacked: whether vcrpy unpacks one on replay depends on the client.
    Raises CassetteWrite, also for a binary body in JSON, which vcrpy's JSON cannot hold.
    """
    as_json = target.suffix.lower() == ".json"
    left_out: dict[str, int] = {}
    interactions: list[Interaction] = []
    failures = merged = unpacked = 0
    for event in cassette.events:
        if not isinstance(event.request, HttpRequest):
            left_out[event.seam.value] = left_out.get(event.seam.value, 0) + 1
        elif not isinstance(event.outcome, HttpReply) or _cut(event.outcome):
            failures += 1
        else:
            reply = _unpacked(event.outcome)
            interactions.append({"request": _request(event.request), "response": _response(reply)})
            merged += len(_kept(event.outcome).chunks) > 1
            unpacked += reply is not event.outcome
    document = {"interactions": interactions, "version": 1}
    text = _json(document, target) if as_json else _yaml(document, target)
    target.parent.mkdir(parents=True, exist_ok=True)
    put_file(target, text.encode("utf-8"), exclusive=exclusive)
    return Converted(
        path=target,
        events=len(interactions),
        left_out=tuple(sorted(left_out.items())),
        failures=failures,
        merged=merged,
        unpacked=unpacked,
    )


def _kept(reply: HttpReply) -> KeptBody:
    return reply.body if isinstance(reply.body, KeptBody) else KeptBody()


def _cut(reply: HttpReply) -> bool:
    return _kept(reply).end.kind is EndKind.CUT


def _request(request: HttpRequest) -> Interaction:
    headers: dict[str, list[str]] = {}
    for name, value in request.headers:
        joint = "; " if name.lower() == "cookie" else ", "
        # vcrpy keeps one value per request header.
        headers[name] = [joint.join([*headers.get(name, []), value])]
    body = _spelled(request.body) if request.body else None
    return {"body": body, "headers": headers, "method": request.method, "uri": request.url}


def _response(reply: HttpReply) -> Interaction:
    headers: dict[str, list[str]] = {}
    for name, value in reply.headers:
        headers.setdefault(name, []).append(value)
    return {
        "body": {"string": _spelled(_kept(reply).data)},
        "headers": headers,
        "status": {"code": reply.status, "message": reply.reason},
    }


def _spelled(data: bytes) -> str | bytes:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data


def _unpacked(reply: HttpReply) -> HttpReply:
    """The reply without its compression, where that is known here and undamaged."""
    packed = _kept(reply)
    found = unpack([packed.data], header(reply.headers, "content-encoding"))
    if found.state is not BodyState.WHOLE:
        return reply
    headers: Headers = tuple(
        (name, str(len(found.data)) if name.lower() == "content-length" else value)
        for name, value in reply.headers
        if name.lower() != "content-encoding"
    )
    return replace(reply, headers=headers, body=replace(packed, chunks=(Chunk(found.data),)))


def _json(document: Interaction, target: Path) -> str:
    try:
        return json.dumps(document, indent=4) + "\n"
    except TypeError as error:
        raise CassetteWrite(
            "a body is binary, and vcrpy's JSON cassettes hold text only",
            where=str(target),
            remedy=f"convert to {target.with_suffix('.yaml').name} instead",
        ) from error


def _yaml(document: Interaction, target: Path) -> str:
    import yaml

    dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    plain = type("_Dumper", (dumper,), {"ignore_aliases": lambda self, data: True})
    try:
        text: str = yaml.dump(document, Dumper=plain, sort_keys=False)
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise CassetteWrite(
            "a request holds half a character (a lone surrogate), which YAML cannot",
            where=str(target),
            difference=ascii(error.object[max(error.start - 20, 0) : error.end + 20]),
            remedy=f"convert to {target.with_suffix('.json').name} instead",
        ) from error
    return text
