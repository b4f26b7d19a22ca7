"""Where spans go and when they are sent again: decided without a network."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest

from agentops_eval.domain import ConfigInvalid
from agentops_eval.traces.pushing import Cause, Reply, RetryPolicy, Unreached, target_of, wait_s
from tests.traces.pushing._kit import NOW

BASE = "OTEL_EXPORTER_OTLP_ENDPOINT"
EXACT = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
KEYS = "OTEL_EXPORTER_OTLP_HEADERS"
POLICY = RetryPolicy()


# -- endpoints --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("endpoint", "environment", "url"),
    [
        ("http://h:4318", {}, "http://h:4318/v1/traces"),
        ("http://h:4318/", {}, "http://h:4318/v1/traces"),
        ("http://h/api/otel", {}, "http://h/api/otel"),
        ("http://h/x?key=1", {}, "http://h/x?key=1"),
        ("", {BASE: "http://h:4318"}, "http://h:4318/v1/traces"),
        ("", {BASE: "http://h:4318/otel/"}, "http://h:4318/otel/v1/traces"),
        ("", {BASE: "http://h", EXACT: "http://i/here"}, "http://i/here"),
        ("http://j/x", {BASE: "http://h", EXACT: "http://i/here"}, "http://j/x"),
    ],
)
def test_the_endpoint_by_precedence(endpoint, environment, url):
    """The option wins, then the traces' variable as it is, then the general one with the path added."""
    assert target_of(endpoint, (), environment).url == url


@pytest.mark.parametrize(
    "endpoint",
    [
        "h:4318",
        "localhost",
        "ftp://h",
        "http://",
        "http://h:99999",
        "http://[::1",
        "http://h/\n",
        "http://h\u00e4/",
    ],
    ids=ascii,
)
def test_what_is_no_address_is_refused(endpoint):
    """Nonsense is told at once, with an endpoint that would do."""
    with pytest.raises(ConfigInvalid) as found:
        target_of(endpoint, (), {})
    assert "--endpoint http://127.0.0.1:4318/v1/traces" in found.value.remedy


def test_credentials_are_sent_and_never_shown():
    """User and password become a header; they and the query are left out of what is shown."""
    target = target_of("https://ann:s%40cret@h:1/x?key=hidden", ("X-Key=topsecret",), {})
    assert dict(target.headers) == {"X-Key": "topsecret", "Authorization": "Basic YW5uOnNAY3JldA=="}
    assert target.url == "https://h:1/x?key=hidden"
    assert target.shown == "https://h:1/x?..."
    assert not {"topsecret", "s@cret", "hidden"} & set(repr(target).replace("'", " ").split())


def test_headers_of_the_command_win_name_by_name():
    """The environment's headers are percent-decoded, the traces' own stand before the general ones."""
    environment = {
        BASE: "http://h",
        KEYS: "a=1, b=two%20words,c=3",
        "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "B=4",
    }
    found = {name.lower(): value for name, value in target_of("", ("C=5=6",), environment).headers}
    assert found == {"a": "1", "b": "4", "c": "5=6"}
    assert ("b", "two words") in target_of("", (), {BASE: "http://h", KEYS: "b=two%20words"}).headers


def test_keys_of_another_receiver_stay_at_home():
    """An endpoint other than the environment's does not get the environment's headers."""
    environment = {BASE: "https://vendor.example", KEYS: "api-key=abc"}
    elsewhere = target_of("http://127.0.0.1:4318", (), environment)
    assert elsewhere.headers == ()
    assert KEYS in elsewhere.unused
    assert target_of("https://vendor.example/other", (), environment).headers == (("api-key", "abc"),)
    assert target_of("http://127.0.0.1:4318", (), {KEYS: "api-key=abc"}).headers == (("api-key", "abc"),)


@pytest.mark.parametrize(
    ("headers", "environment"),
    [
        (("secretword",), {}),
        (("bad name=secretword",), {}),
        (("x=secretword\r\nhost: evil",), {}),
        (("content-type=secretword",), {}),
        ((), {KEYS: "ok=1,secretword"}),
    ],
    ids=["no value", "bad name", "two lines", "ours", "environment"],
)
def test_a_bad_header_is_named_and_not_shown(headers, environment):
    """What is wrong with a header is said without its value."""
    with pytest.raises(ConfigInvalid) as found:
        target_of("http://h", headers, environment)
    assert "secretword" not in str(found.value)


# -- retries ----------------------------------------------------------------------------------


def wait(answer, *, failures=1, draw=1.0):
    return wait_s(answer, failures=failures, draw=draw, now=NOW, policy=POLICY)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_passing_troubles_are_tried_again(status):
    """The protocol's four statuses lead to another try."""
    assert wait(Reply(status=status)) == 0.5


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 413, 415, 422, 500, 501])
def test_refusals_are_final(status):
    """Any other status is an answer, whatever it asks for."""
    assert wait(Reply(status=status, headers=(("Retry-After", "1"),))) is None


def test_waits_double_and_are_drawn():
    """Each wait is twice the last, up to a bound, and half of it is left to chance."""
    lost = Unreached(cause=Cause.BROKEN, message="x")
    assert [wait(lost, failures=n) for n in (1, 2, 3, 4, 5)] == [0.5, 1, 2, 4, None]
    assert wait(lost, failures=3, draw=0.0) == 1
    patient = RetryPolicy(retries=99)
    assert wait_s(lost, failures=99, draw=1.0, now=NOW, policy=patient) == 30


def test_what_the_receiver_asks_for_counts():
    """Retry-After is honoured in seconds and as a date; nonsense is passed over."""

    def asked(text):
        return wait(Reply(status=503, headers=(("retry-after", text),)))

    assert asked("7") == 7
    assert asked(format_datetime(NOW + timedelta(seconds=90), usegmt=True)) == 90
    assert asked(format_datetime(NOW - timedelta(seconds=90), usegmt=True)) == 0
    assert asked("soon") == asked("-1") == asked("1e9") == 0.5
    assert asked("Mon, 01 Jan 99999 00:00:00 GMT") == asked("Mon, 99 Foo 2026 99:00:00") == 0.5
    assert asked("3600") is None


def test_what_no_retry_can_mend_is_final():
    """A certificate that is not trusted is the same at the second try."""
    assert wait(Unreached(cause=Cause.TLS, message="x", again=False)) is None
