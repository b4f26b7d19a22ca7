"""Keys of requests: a cheap hash of their raw bytes, and one of their redacted canonical form."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace

from agentops_eval.domain import (
    ApprovalRequest,
    DrawRequest,
    Effect,
    HandoffRequest,
    Headers,
    HttpRequest,
    Json,
    LlmRequest,
    McpRequest,
    Request,
    Seam,
    ToolRequest,
    ascii_json,
    header,
    to_json,
)
from agentops_eval.replay._bodies import (
    canonical_body,
    canonical_pairs,
    fresh_tree,
    spelled,
)
from agentops_eval.replay._rules import MatchRules, Tree, without_ignored
from agentops_eval.traces import PLACEHOLDER_BYTES, BodyState, unpack
from agentops_eval.traces.redaction import Redactor

_URL = re.compile(r"(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#.*)?", re.DOTALL)
_PORTS = {"http": ":80", "https": ":443"}
_JSON_STARTS = frozenset({b"{", b"[", b""})
_HEX = re.compile(r"(?:[0-9a-f]{2})+")
_FORM = "application/x-www-form-urlencoded"


def request_key(seam: Seam, boundary: str, request: Request, *, rules: MatchRules, redactor: Redactor) -> str:
    """Hash what makes two requests the same: the redacted canonical request, in hex.

    The key is the same in every process, Python version and hash seed. What it leaves alone and
    what it evens out is told in :func:`canonical_request`.
    """
    canonical = canonical_request(request, rules=rules, redactor=redactor)
    digest = hashlib.blake2b(digest_size=16, person=b"agentops-request")
    digest.update(seam.value.encode())
    if isinstance(canonical, HttpRequest):
        # The boundary of HTTP repeats the address, which ``any_host`` may leave out.
        head = [canonical.method, canonical.url, [list(pair) for pair in canonical.headers]]
        digest.update(json.dumps(head).encode())
        digest.update(canonical.body)
    else:
        digest.update(ascii_json([redactor.text(boundary), tree_of(canonical)]).encode())
    return digest.hexdigest()


def raw_key(seam: Seam, boundary: str, request: Request, *, rules: MatchRules) -> str:
    """Hash the bytes of a request as they are, in hex: cheap, and enough where nothing changed.

    Of the headers only ``rules.headers`` count, and for other bodies than JSON those that say how
    to read them.
    """
    digest = hashlib.blake2b(digest_size=16)
    if isinstance(request, HttpRequest):
        head = f"{request.method}\n{request.url}\n"
        if rules.headers:
            head += json.dumps(_kept_headers(request.headers, rules.headers))
        if request.body[:1] not in _JSON_STARTS:
            # The same bytes are another request as a form, or compressed.
            head += json.dumps(_kept_headers(request.headers, ("content-type", "content-encoding")))
        digest.update(head.encode("utf-8", "surrogatepass"))
        digest.update(request.body)
    else:
        tree = json.dumps(tree_of(request), default=to_json)
        digest.update(f"{seam.value}\n{boundary}\n{tree}".encode())
    return digest.hexdigest()


def canonical_request(request: Request, *, rules: MatchRules, redactor: Redactor) -> Request:
    """Give the request under which all requests that count as the same are equal.

    Redacted first, so that no key tells a secret. HTTP: method, scheme and host without case, no
    default port, user or fragment; one percent-spelling; query and form parameters as sorted
    multisets; gzip unpacked; JSON with sorted keys and 1.0 equal to 1 (only values differ, not
    spellings); idempotency keys at the top of a body, ``metadata.request_id``, ``.trace_id`` and
    ``.traceparent`` left out; the provider's ids in the history renamed to ordinals; tool
    arguments kept as strings read as JSON; a constant multipart boundary; of the headers only
    ``rules.headers``. Everything else counts, order of lists included. Tools: name and arguments, and
    the MCP server that has it. Other requests over MCP: server, method and parameters.
    Placeholders for secrets are numbered anew, in canonical order. Applying it twice changes
    nothing.
    """
    if isinstance(request, HttpRequest):
        return _canonical_http(request, rules, redactor)
    if isinstance(request, LlmRequest):
        told = _canonical_json(list(request.conversation), rules, redactor)
        assert isinstance(told, list)
        return LlmRequest(llm=request.llm, conversation=tuple(told))
    if isinstance(request, ToolRequest):
        arguments = _canonical_json(dict(request.arguments), rules, redactor)
        assert isinstance(arguments, dict)
        server = redactor.text(request.server)
        return ToolRequest(name=request.name, arguments=arguments, effect=Effect.READ, server=server)
    if isinstance(request, McpRequest):
        params = _canonical_json(dict(request.params), rules, redactor)
        assert isinstance(params, dict)
        return McpRequest(server=redactor.text(request.server), method=request.method, params=params)
    if isinstance(request, HandoffRequest):
        message = _canonical_json(request.message, rules, redactor)
        sender, recipient = redactor.text(request.sender), redactor.text(request.recipient)
        return HandoffRequest(sender=sender, recipient=recipient, message=message)
    if isinstance(request, ApprovalRequest):
        details = _canonical_json(request.details, rules, redactor)
        return ApprovalRequest(action=redactor.text(request.action), details=details)
    return request


def _canonical_http(request: HttpRequest, rules: MatchRules, redactor: Redactor) -> HttpRequest:
    request = redactor.request(_unpacked(request))
    form = header(request.headers, "content-type").partition(";")[0].strip().lower() == _FORM
    body = canonical_body(request.body, form=form, rules=rules)
    headers = _kept_headers(request.headers, rules.headers)
    if form and body and ("content-type", _FORM) not in headers:
        headers = tuple(sorted({*headers, ("content-type", _FORM)}))
    number = _renumberer()
    return HttpRequest(
        method=request.method.upper(),
        url=number(_canonical_url(request.url, rules)).decode("utf-8", "surrogatepass"),
        headers=tuple((name, _apply(number, value)) for name, value in headers),
        body=number(body),
    )


def _unpacked(request: HttpRequest) -> HttpRequest:
    """Without its content codings: gzip's header holds a time stamp, and what is redacted is plain."""
    encoding = header(request.headers, "content-encoding").strip()
    found = unpack([request.body], encoding) if encoding else None
    if found is None or found.state is not BodyState.WHOLE:
        return request
    rest = tuple(pair for pair in request.headers if pair[0].lower() != "content-encoding")
    return replace(request, headers=rest, body=found.data)


def _canonical_url(url: str, rules: MatchRules) -> bytes:
    found = _URL.fullmatch(url)
    assert found is not None  # every part is optional
    scheme, authority, path, query = found.groups()
    scheme = (scheme or "").lower()
    where = f"{scheme}:" if scheme else ""
    if authority is not None:
        host = authority.rpartition("@")[2].lower().removesuffix(_PORTS.get(scheme, ":"))
        where += f"//{host}"
    if rules.any_host:
        where = "//*"
    # Segment by segment, so that an escaped slash stays one.
    steps = (spelled(step.encode("utf-8", "surrogatepass"), safe="!$&'()*+,;=@") for step in path.split("/"))
    path = "/".join(steps)
    if where and not path.startswith("/"):
        path = f"/{path}"
    pairs = canonical_pairs((query or "").encode("utf-8", "surrogatepass"), rules.ignore_query)
    return (f"{where}{path}?{pairs}" if pairs else f"{where}{path}").encode("utf-8", "surrogatepass")


def _kept_headers(headers: Headers, names: tuple[str, ...]) -> Headers:
    wanted = {name.lower() for name in names}
    kept = ((name.lower(), value.strip()) for name, value in headers if name.lower() in wanted)
    return tuple(sorted(kept))


def _canonical_json(value: Json, rules: MatchRules, redactor: Redactor) -> Tree:
    tree = without_ignored(_readable(fresh_tree(redactor.json(value))), rules)
    if "[redacted:" not in (text := ascii_json(tree)):
        return tree
    renumbered: Tree = json.loads(_renumberer()(text.encode()))
    return renumbered


def _readable(tree: Tree) -> Tree:
    """Show bytes that are text as text: so placeholders in them count, and stand-ins are recognised."""
    if isinstance(tree, list):
        return [_readable(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    digits = tree.get("$bytes")
    if len(tree) != 1 or not isinstance(digits, str) or not _HEX.fullmatch(digits):
        return {name: _readable(item) for name, item in tree.items()}
    try:
        return {"$bytes": f"text:{bytes.fromhex(digits).decode()}"}
    except UnicodeDecodeError:
        return tree


def _renumberer() -> Callable[[bytes], bytes]:
    """Number the placeholders of one document in canonical order, whatever theirs was."""
    ordinals: dict[tuple[bytes, bytes], int] = {}
    kinds: dict[bytes, int] = {}

    def ordinal(found: re.Match[bytes]) -> bytes:
        opening, colon, kind, number, closing = found.groups()
        if (kind, number) not in ordinals:
            kinds[kind] = ordinals[kind, number] = kinds.get(kind, 0) + 1
        return b"%bredacted%b%b-%d%b" % (opening, colon, kind, ordinals[kind, number], closing)

    return lambda text: PLACEHOLDER_BYTES.sub(ordinal, text) if b"redacted" in text else text


def _apply(number: Callable[[bytes], bytes], text: str) -> str:
    return number(text.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogatepass")


def tree_of(request: Request) -> Tree:
    """Write what a request asks, without what only describes it (effect, signature, deadline)."""
    if isinstance(request, LlmRequest):
        return [request.llm, fresh_tree(list(request.conversation))]
    if isinstance(request, ToolRequest):
        asked = [request.name, fresh_tree(request.arguments)]
        return [*asked, request.server] if request.server else asked
    if isinstance(request, McpRequest):
        return [request.server, request.method, fresh_tree(request.params)]
    if isinstance(request, HandoffRequest):
        return [request.sender, request.recipient, fresh_tree(request.message)]
    if isinstance(request, ApprovalRequest):
        return [request.action, fresh_tree(request.details)]
    if isinstance(request, DrawRequest):
        return [request.source, request.argument]
    raise TypeError(type(request).__name__)
