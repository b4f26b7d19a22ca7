"""``trace push``: runs of any kind to a receiver."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from agentops_eval.testing import OtlpReceiver, OtlpReply
from tests.cli._kit import process
from tests.cli.test_exports import EXPORT, SPANS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli._kit import Commands

KEY = "sk-proj-" + "Ab3dEf6hIj9kLm2nOp5q" * 2


@pytest.fixture
def receiver() -> Iterator[OtlpReceiver]:
    """A receiver that takes everything."""
    with OtlpReceiver() as running:
        yield running


@pytest.fixture
def export(ae: Commands) -> str:
    """An export with one run and one broken line, beside the project."""
    (ae.folder / "prod.jsonl").write_text(json.dumps(EXPORT) + "\nnonsense\n")
    return "prod.jsonl"


def names(receiver: OtlpReceiver) -> list[str]:
    """The names of all spans that were taken."""
    return [span.name for scope in receiver.taken for span in scope.spans]


def test_an_export_goes_out_as_it_was_emitted(ae: Commands, export: str, receiver: OtlpReceiver) -> None:
    """The spans of a foreign export keep names, ids and times; what could not be read is said."""
    done = ae("trace", "push", export, "--endpoint", receiver.url)
    assert done.code == 0
    assert f"3 spans of 1 trace in 1 request sent to {receiver.url}" in done.out
    assert "1 problem, passed over" in done.out
    assert names(receiver) == [span["name"] for span in SPANS]
    assert receiver.taken[0].spans[0].start_ns == 10**7


def test_goldens_and_recordings_go_out_as_derived(ae: Commands, receiver: OtlpReceiver) -> None:
    """Both give the spans of the run; the recording has its times, and the golden's clock is explained."""
    done = ae("trace", "push", "r.otlp.jsonl", "r.cassette.jsonl", "--endpoint", receiver.url)
    assert "1 trace without real times" in done.out
    (scope,) = receiver.taken  # both are of one agent and case, so that they have the same origin and ids
    half = len(scope.spans) // 2
    golden, recording = scope.spans[:half], scope.spans[half:]
    assert [span.name for span in golden] == [span.name for span in recording]
    assert golden[0].start_ns < 10**9 < recording[0].start_ns


def test_secrets_are_redacted_unless_raw(ae: Commands, receiver: OtlpReceiver) -> None:
    """A key in an export does not leave, but with --raw."""
    text = json.dumps(EXPORT).replace("rate limit reached", f"bad key {KEY}")
    (ae.folder / "leak.jsonl").write_text(text)
    assert ae("trace", "push", "leak.jsonl", "--endpoint", receiver.url).code == 0
    assert KEY.encode() not in receiver.requests[0].body
    assert ae("trace", "push", "leak.jsonl", "--endpoint", receiver.url, "--raw").code == 0
    assert KEY.encode() in receiver.requests[1].body


def test_a_rehearsal_sends_nothing_and_prints_what_would_go(
    ae: Commands, export: str, receiver: OtlpReceiver
) -> None:
    """--dry-run prints OTLP JSON that trace show reads; the summary stands beside it."""
    done = ae("trace", "push", export, "--endpoint", receiver.url, "--dry-run", "--max-spans", 2)
    assert (done.code, receiver.requests) == (0, ())
    assert "3 spans of 1 trace in 2 requests would be sent" in done.err
    (ae.folder / "again.jsonl").write_text(done.out)
    assert len(done.out.splitlines()) == 2
    assert ae("trace", "show", "again.jsonl").out == ae("trace", "show", export).out.partition("1 problem")[0]


@pytest.mark.parametrize("size", [1, 512], ids=["a-span", "all-spans"])
@pytest.mark.parametrize("name", ["r.otlp.jsonl", "r.cassette.jsonl"], ids=["golden", "recording"])
def test_what_was_pushed_of_our_own_is_read_as_an_export(ae: Commands, name: str, size: int) -> None:
    """A receiver's file of our runs carries our version too, and is no golden for that."""
    done = ae("trace", "push", name, "--dry-run", "--max-spans", size)
    (ae.folder / "received.jsonl").write_text(done.out)
    (before,), (after,) = (
        ae("trace", "show", one, "--json").document["runs"] for one in (name, "received.jsonl")
    )
    for key in ("root", "spans", "tool_calls", "usage", "agents"):
        assert after[key] == before[key]


def test_a_rehearsal_needs_no_receiver(ae: Commands, export: str) -> None:
    """Without an endpoint there is still something to see."""
    done = ae("trace", "push", export, "--dry-run", "--json")
    assert (done.code, done.document["endpoint"], done.document["accepted"]) == (0, None, None)


def test_a_partial_success_is_a_finding(ae: Commands, export: str) -> None:
    """Exit code 1 where the receiver kept only some, with its words."""
    with OtlpReceiver([OtlpReply(rejected=2, message="quota")]) as receiver:
        done = ae("trace", "push", export, "--endpoint", receiver.url)
    assert done.code == 1
    assert "the receiver rejected 2 spans; it has the other 1" in done.out
    assert "it says: quota" in done.out


def test_a_busy_receiver_is_waited_for(ae: Commands, export: str) -> None:
    """429 and then 200 is a success with one retry."""
    with OtlpReceiver([OtlpReply(status=429, headers=(("retry-after", "0"),))]) as receiver:
        done = ae("trace", "push", export, "--endpoint", receiver.url, "--json")
    assert (done.code, done.document["retries"], done.document["accepted"]) == (0, 1, 3)


def test_a_receiver_that_reads_no_json(ae: Commands, export: str) -> None:
    """415 ends with exit code 2, an error code and the option that helps."""
    with OtlpReceiver(then=OtlpReply(status=415)) as receiver:
        done = ae("trace", "push", export, "--endpoint", receiver.url, "--encoding", "json")
    assert done.code == 2
    assert done.err.startswith("AE207 ")
    assert "--encoding protobuf" in done.remedy


def test_nothing_to_send_is_no_success(ae: Commands, receiver: OtlpReceiver) -> None:
    """Files without spans lead to exit code 1, and no request."""
    (ae.folder / "none.jsonl").write_text('{"resourceSpans": []}\n')
    done = ae("trace", "push", "none.jsonl", "--endpoint", receiver.url)
    assert (done.code, receiver.requests) == (1, ())
    assert "no runs in none.jsonl" in done.out


def test_without_an_endpoint_the_ways_to_name_one_are_told(ae: Commands, export: str) -> None:
    """The error names the option, both variables, and a command to paste."""
    done = ae("trace", "push", export)
    assert done.code == 2
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" in done.err
    assert done.remedy.startswith("agentops-eval trace push")


def test_the_environment_names_receiver_and_headers(
    ae: Commands, export: str, receiver: OtlpReceiver
) -> None:
    """OpenTelemetry's own variables are enough, and their values are not shown."""
    base = receiver.url.removesuffix("/v1/traces")
    told = {"OTEL_EXPORTER_OTLP_ENDPOINT": base, "OTEL_EXPORTER_OTLP_HEADERS": "x-api-key=topsecret%21"}
    done = process(ae.folder, "trace", "push", export, "--json", **told)
    assert (done.code, done.document["headers"]) == (0, ["x-api-key"])
    assert dict(receiver.requests[0].headers)["X-Api-Key"] == "topsecret!"
    assert "topsecret" not in done.out + done.err


@pytest.mark.parametrize(
    "words",
    [("--timeout-s", "0"), ("--max-spans", "0"), ("--encoding", "xml"), ("--retries", "-1")],
    ids=lambda words: words[0],
)
def test_nonsense_is_usage(ae: Commands, export: str, words: tuple[str, str]) -> None:
    """A value that makes no sense is refused before anything is read."""
    assert ae("trace", "push", export, "--endpoint", "http://127.0.0.1:1", *words).code == 2
