"""Whatever is sent to the embedded server's API, it answers or closes, and goes on."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.chaos.toxiproxy._kit import Raw
from tests.examples import examples

HOST = b"Host: x\r\n"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/9.9\r\n\r\n", b"400"),
        (b"GET /version HTTP/1.1\r\nbroken\r\n\r\n", b"400"),
        (b"GET /version HTTP/1.1\r\nname : value\r\n\r\n", b"400"),
        (b"POST /proxies HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", b"400"),
        (b"POST /proxies HTTP/1.1\r\nContent-Length: -5\r\n\r\n", b"400"),
        (b"POST /proxies HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n", b"413"),
        (b"POST /proxies HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", b"413"),
        (b"POST /proxies HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"501"),
        (b"GET /version HTTP/1.1\r\nx: " + b"y" * 20_000 + b"\r\n\r\n", b"431"),
        (b"GET /nowhere HTTP/1.1\r\nConnection: close\r\n\r\n", b"404"),
        (b"GET /proxies/%FF HTTP/1.1\r\nConnection: close\r\n\r\n", b"400"),
        (b"PUT /proxies HTTP/1.1\r\nConnection: close\r\n\r\n", b"405"),
        (b"GET /version HTTP/1.0\r\n\r\n", b"200"),
        (b"HEAD /version HTTP/1.1\r\nConnection: close\r\n\r\n", b"200"),
    ],
)
def test_broken_requests_are_answered(embedded, sent, status):
    """Each broken request has its status; the server still answers afterwards."""
    raw = Raw(embedded.url)
    assert raw.send(sent).split(b" ")[1] == status
    assert raw.ask("GET", "/version")[0] == 200


def test_requests_that_are_cut_off_have_no_answer(embedded):
    """A client that goes away in the middle of its request leaves nothing behind."""
    raw = Raw(embedded.url)
    assert raw.send(b"POST /proxies HTTP/1.1\r\nContent-Length: 100\r\n\r\n{") == b""
    assert raw.send(b"") == b""
    assert raw.ask("GET", "/proxies") == (200, {})


def test_several_requests_come_over_one_connection(embedded):
    """Requests that are sent at once are answered in order, the body of one never taken for the next."""
    body = b'{"name": "p", "upstream": "127.0.0.1:9"}'
    sent = b"POST /proxies HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    sent += b"DELETE /proxies/p HTTP/1.1\r\n\r\n" + b"GET /proxies HTTP/1.1\r\nConnection: close\r\n\r\n"
    answers = Raw(embedded.url).send(sent)
    assert re.findall(rb"HTTP/1.1 (\d+)", answers) == [b"201", b"204", b"200"]
    assert answers.endswith(b"\r\n\r\n{}\n")


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b"1" * 5_000, b"NaN", b"\xff\xfe", b'{"name": NaN}', b"", b"null", b"[]"]
)
def test_bodies_that_are_no_object_are_refused(embedded, body):
    """Deep nesting, endless numbers, other encodings: a 400 with its reason."""
    assert Raw(embedded.url).ask("POST", "/proxies", raw=body)[0] == 400


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "name": JSON, "type": st.sampled_from(["latency", "slicer", "timeout"]) | JSON, "stream": JSON,
        "toxicity": JSON, "attributes": JSON, "upstream": JSON, "listen": JSON, "enabled": JSON,
    },
)  # fmt: skip


def test_any_json_is_answered(embedded):
    """No document breaks the server: it is taken, or refused with a reason."""
    raw = Raw(embedded.url)
    raw.ask("POST", "/proxies", {"name": "p", "upstream": "127.0.0.1:9"})

    @examples(80)
    @given(st.sampled_from(["/proxies", "/proxies/p/toxics", "/populate"]), FIELDS | JSON)
    def law(path, body):
        status, document = raw.ask("POST", path, body)
        assert status in {200, 201, 400, 404, 409}
        assert status < 300 or document["status"] == status

    law()
