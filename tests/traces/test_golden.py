"""Goldens: files that give back what was approved, and refuse what is not as it was written."""

from __future__ import annotations

import json
import resource
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given

from agentops_eval.domain import (
    AgentopsError,
    GoldenCorrupt,
    GoldenMissing,
    GoldenVersion,
    GoldenWrite,
    MergeConflict,
    RunMisuse,
    SecretFound,
    Trace,
)
from agentops_eval.traces import canonical, derive, golden_bytes, read_golden, write_golden
from agentops_eval.traces import semconv as sc
from agentops_eval.traces.redaction import RedactionRules, Redactor
from tests.examples import examples
from tests.traces._kit import Events, refund_run
from tests.traces._traces import traces

LONG = "All work and no play. " * 1000


def approved(folder, events=None):
    trace = derive(events or refund_run(), agent="refund_agent", case="shop/test_refund")
    return write_golden(folder / "refund.otlp.jsonl", trace, redactor=Redactor())


def rewrite(golden, change):
    lines = golden.path.read_text(encoding="utf-8").splitlines()
    golden.path.write_text("\n".join(change(lines)) + "\n", encoding="utf-8")
    return golden.path


class NothingRedacted(Redactor):
    """Leaves every text as it is, and finds nothing."""

    def json(self, value):
        return value

    def find(self, text):
        return ()


@examples(80)
@given(traces())
def test_writing_and_reading_is_the_identity(trace):
    """What is read is what was approved, blobs and shortened histories included."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "case.otlp.jsonl"
        written = write_golden(path, trace, redactor=NothingRedacted())
        read = read_golden(path)
        assert read == written
        assert read.trace == canonical(trace)
        assert path.read_bytes() == golden_bytes(trace)
        assert golden_bytes(read.trace) == golden_bytes(trace)


@examples(50)
@given(traces())
def test_normalising_twice_changes_nothing_more(trace):
    """A canonical trace is its own canonical form."""
    assert canonical(canonical(trace)) == canonical(trace)


def test_a_golden_is_one_otlp_request_per_line(tmp_path):
    """Every line is an export request with one span, keys and attributes sorted, compact."""
    golden = approved(tmp_path)
    lines = golden.path.read_bytes().split(b"\n")
    assert lines.pop() == b""
    assert len(lines) == 6
    for line in lines:
        request = json.loads(line)
        spelled = json.dumps(request, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert line.decode() == spelled
        ((scope,),) = (one["scopeSpans"] for one in request["resourceSpans"])
        (span,) = scope["spans"]
        keys = [pair["key"] for pair in span["attributes"]]
        assert keys == sorted(keys)
        assert scope["schemaUrl"] == sc.SCHEMA_URL
        assert (len(span["traceId"]), len(span["spanId"])) == (32, 16)


def test_time_is_logical(tmp_path):
    """Ticks of a millisecond from the epoch, one for entering and one for leaving a span."""
    spans = approved(tmp_path).trace.spans
    assert [(span.start_ns // 1_000_000, span.end_ns // 1_000_000) for span in spans[:3]] == [
        (0, 11),
        (1, 2),
        (3, 4),
    ]


def test_volatile_values_are_scrubbed():
    """Drawn ids, ports, durations and labels are no part of a golden."""
    trace = derive(refund_run(), agent="a", case="c")
    noisy = dict.fromkeys(sc.VOLATILE_KEYS, "volatile") | {"process.pid": 7}
    noise = replace(trace.spans[1], attributes={**trace.spans[1].attributes, **noisy})
    assert golden_bytes(replace(trace, spans=(trace.spans[0], noise, *trace.spans[2:]))) == golden_bytes(
        trace
    )


def test_text_stays_readable(tmp_path):
    """Letters of any script stand in the file as themselves."""
    events = Events()
    events.tool("greet", {"name": "Zo\u00eb \u2603"}, "line\u2028break \ud800")
    golden = approved(tmp_path, events.all)
    assert "Zo\u00eb \u2603" in golden.path.read_text(encoding="utf-8")
    assert read_golden(golden.path) == golden


def long_run():
    events = Events()
    events.chat([{"role": "user", "content": LONG}], "Noted.")
    events.tool("save", {"text": LONG}, LONG)
    events.chat([{"role": "user", "content": LONG}, {"role": "user", "content": "And?"}], "Done.")
    return events.all


def test_long_parts_go_to_files_of_their_hash(tmp_path):
    """Parts above 8 KiB are stored once, beside the golden, and come back on reading."""
    golden = approved(tmp_path, long_run())
    blobs = sorted((tmp_path / "blobs").iterdir())
    assert LONG not in golden.path.read_text()
    assert len(golden.path.read_bytes()) < 10_000
    assert {blob.name[:7] for blob in blobs} == {"sha256-"}
    assert len(blobs) == 3
    assert read_golden(golden.path) == golden


def test_a_history_is_stored_once(tmp_path):
    """A chat that continues an earlier one holds its hash and what is new."""
    golden = approved(tmp_path)
    third = json.loads(golden.path.read_text().splitlines()[3])
    span = third["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    kept = {pair["key"]: pair["value"].get("stringValue") for pair in span["attributes"]}
    assert len(kept[sc.AGENTOPS_PREFIX_SHA256]) == 64
    assert [message["role"] for message in json.loads(kept[sc.INPUT_MESSAGES])] == ["assistant", "tool"]
    restored = json.loads(read_golden(golden.path).trace.spans[3].attributes[sc.INPUT_MESSAGES])
    assert [message["role"] for message in restored] == ["system", "user", "assistant", "tool"]


def test_secrets_are_redacted_before_the_write(tmp_path):
    """A key in a message, and the same key inside JSON in a string, becomes one placeholder."""
    key = "sk-proj-" + "a1B2" * 8
    events = Events()
    events.chat([{"role": "user", "content": f"my key is {key}"}], [("c", "use", {"key": key})])
    events.tool("use", {"key": key}, json.dumps({"nested": json.dumps({"k": key})}))
    golden = approved(tmp_path, events.all)
    assert key not in golden.path.read_text()
    assert "[redacted:" in golden.path.read_text()
    assert read_golden(golden.path) == golden


def test_placeholders_are_counted_span_by_span():
    """Events number their placeholders on their own; what is not shown must not shift what is."""
    events = Events()
    events.tool("a", {"x": "[redacted:secret-3] [redacted:email-2]"})
    events.tool("b", {"x": "[redacted:secret-1] [redacted:secret-3]"})
    spans = canonical(derive(events.all, agent="a", case="c")).spans
    assert [span.attributes[sc.TOOL_CALL_ARGUMENTS] for span in spans[1:]] == [
        '{"x":"[redacted:secret-1] [redacted:email-1]"}',
        '{"x":"[redacted:secret-1] [redacted:secret-2]"}',
    ]


class Blind(Redactor):
    """Redacts nothing, but still finds."""

    def json(self, value):
        return value


def test_what_a_detector_still_finds_is_not_written(tmp_path):
    """Line and kind are named, the secret is masked, and the golden that was there stays."""
    golden = approved(tmp_path)
    before = golden.path.read_bytes()
    events = Events()
    events.tool("ok", {})
    events.tool("pay", {"note": "the word is swordfish-42"})
    rules = RedactionRules(patterns=(("codeword", "swordfish-[0-9]+"),))
    with pytest.raises(SecretFound) as caught:
        write_golden(golden.path, derive(events.all, agent="a", case="c"), redactor=Blind(rules))
    assert caught.value.where == f"{golden.path}:3"
    assert "codeword" in caught.value.what
    assert "swordfish-42" not in str(caught.value)
    assert golden.path.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["refund.otlp.jsonl"]


def test_a_blob_is_checked_like_the_golden(tmp_path):
    """What stands beside the golden because it is long is no place to hide, either."""
    events = Events()
    events.tool("pay", {"note": "long " * 3000 + "swordfish-42"})
    rules = RedactionRules(patterns=(("codeword", "swordfish-[0-9]+"),))
    with pytest.raises(SecretFound) as caught:
        write_golden(
            tmp_path / "g.otlp.jsonl", derive(events.all, agent="a", case="c"), redactor=Blind(rules)
        )
    assert "/blobs/sha256-" in caught.value.where
    assert list(tmp_path.iterdir()) == []


def test_a_missing_golden_is_an_error(tmp_path):
    """A golden that is not there is never treated as empty."""
    with pytest.raises(GoldenMissing) as caught:
        read_golden(tmp_path / "none.otlp.jsonl")
    assert caught.value.code == "AE201"
    assert "--agentops-approve" in caught.value.remedy


def drop(number):
    return lambda lines: lines[:number] + lines[number + 1 :]


def edit(number, old, new):
    def change(lines):
        assert old in lines[number]
        return [*lines[:number], lines[number].replace(old, new), *lines[number + 1 :]]

    return change


@pytest.mark.parametrize(
    ("change", "line", "why"),
    [
        (lambda lines: [], 1, "empty"),
        (lambda lines: [*lines[:2], lines[2][:40]], 3, "no JSON"),
        (lambda lines: [*lines[:2], "[]", *lines[2:]], 3, "no OTLP"),
        (lambda lines: [*lines[:2], '{"resourceSpans":[]}'], 3, "exactly one span"),
        (edit(1, '"kind":3', '"kind":99'), 2, "kind"),
        (edit(1, '"intValue":"10"', '"intValue":"ten"'), 2, "no integer"),
        (edit(1, '"intValue":"10"', '"intValue":"10","boolValue":true'), 2, "more than one value"),
        (drop(0), 1, "parent"),
        pytest.param(drop(2), 1, "a line is missing", id="lost in the middle"),
        pytest.param(drop(5), 1, "a line is missing", id="lost at the end"),
        (lambda lines: [*lines, lines[-1]], 7, "twice"),
        (lambda lines: [lines[0], lines[2], lines[1], *lines[3:]], 2, "ticks"),
        (lambda lines: [*lines[:3], *lines[4:]], 5, "history"),
        (edit(1, '"spanId":"', '"spanId":"f'), 2, "16 hex digits"),
        (edit(2, '{"stringValue":"get_order"}', '{"stringValue":"other"}'), 3, "edited by hand?"),
        (edit(0, "refund_agent", "other_agent"), 1, "edited by hand?"),
    ],
)
def test_a_golden_that_is_not_as_it_was_written_names_its_line(tmp_path, change, line, why):
    """Truncated, reordered, duplicated, edited: the error names file, line and reason."""
    golden = approved(tmp_path)
    path = rewrite(golden, change)
    with pytest.raises(GoldenCorrupt) as caught:
        read_golden(path)
    assert caught.value.where == f"{path}:{line}"
    assert why in caught.value.what


def test_a_changed_value_is_another_golden(tmp_path):
    """Editing what a span says is legitimate; it is compared, not refused."""
    golden = approved(tmp_path)
    read = read_golden(rewrite(golden, edit(4, "59.9", "60.5")))
    assert read.digest != golden.digest
    assert "60.5" in read.trace.spans[4].attributes[sc.TOOL_CALL_ARGUMENTS]


def test_windows_line_endings_are_read(tmp_path):
    """A checkout that changes line endings changes no meaning."""
    golden = approved(tmp_path)
    golden.path.write_bytes(golden.path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_golden(golden.path).trace == golden.trace


def test_conflict_marks_are_named(tmp_path):
    """A golden in the middle of a merge says so, with the line."""
    golden = approved(tmp_path)
    path = rewrite(
        golden, lambda lines: [*lines[:2], "<<<<<<< HEAD", lines[2], "=======", lines[2], ">>>>>>> other"]
    )
    with pytest.raises(MergeConflict) as caught:
        read_golden(path)
    assert caught.value.where == f"{path}:3"


def test_a_value_that_is_no_number_equals_itself():
    """NaN differs from itself, which would make every run diverge."""
    trace = derive(refund_run(), agent="a", case="c")
    one, other = (
        replace(trace, spans=(replace(trace.spans[0], attributes={"x": float("nan")}),)) for _ in "ab"
    )
    assert canonical(one) == canonical(other)


def test_a_mark_left_by_a_half_mended_merge_is_named(tmp_path):
    """Deleting the outer marks only is no repair."""
    path = rewrite(approved(tmp_path), lambda lines: [*lines[:2], "=======", *lines[2:]])
    with pytest.raises(MergeConflict) as caught:
        read_golden(path)
    assert caught.value.where == f"{path}:3"


def test_bytes_that_are_no_text_name_their_line(tmp_path):
    """Bytes that are not UTF-8 are found where they are."""
    golden = approved(tmp_path)
    golden.path.write_bytes(golden.path.read_bytes().replace(b"get_order", b"get\xfforder", 1))
    with pytest.raises(GoldenCorrupt, match="not UTF-8") as caught:
        read_golden(golden.path)
    assert caught.value.where == f"{golden.path}:2"


def test_a_later_format_is_refused(tmp_path):
    """A golden of a later release is not guessed at."""
    golden = approved(tmp_path)
    old = '{"key":"agentops.schema_version","value":{"intValue":"1"}}'
    path = rewrite(golden, edit(0, old, old.replace('"1"', '"2"')))
    with pytest.raises(GoldenVersion) as caught:
        read_golden(path)
    assert "version is 2" in caught.value.difference


def test_a_lost_or_changed_blob_is_an_error(tmp_path):
    """Parts stored by hash must be there and be what their name says; approving again mends them."""
    golden = approved(tmp_path, long_run())
    blob = min((tmp_path / "blobs").iterdir())
    content = blob.read_bytes()
    blob.write_bytes(b"other")
    with pytest.raises(GoldenCorrupt, match="does not hold what its name says"):
        read_golden(golden.path)
    blob.unlink()
    with pytest.raises(GoldenCorrupt, match="missing"):
        read_golden(golden.path)
    approved(tmp_path, long_run())
    assert blob.read_bytes() == content


def test_a_blob_name_cannot_leave_the_folder(tmp_path):
    """A golden cannot make the reader open other files."""
    golden = approved(tmp_path, long_run())
    text = golden.path.read_text()
    name = text[text.index("blobs/sha256-") :][:77]
    golden.path.write_text(text.replace(name, "blobs/sha256-" + "../" * 21 + "x"))
    with pytest.raises(GoldenCorrupt, match="not the name"):
        read_golden(golden.path)


def test_an_empty_trace_is_not_approved(tmp_path):
    """Nothing is no behaviour."""
    with pytest.raises(RunMisuse):
        write_golden(tmp_path / "x.otlp.jsonl", Trace(), redactor=Redactor())


def test_a_full_disk_loses_nothing(tmp_path):
    """A write that hits the file size limit leaves the old golden and no litter."""
    golden = approved(tmp_path)
    before = golden.path.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(GoldenWrite) as caught:
            approved(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert isinstance(caught.value, AgentopsError)
    assert golden.path.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["refund.otlp.jsonl"]


def test_permissions_survive_approving_again(tmp_path):
    """A golden replaced keeps its mode; a new one is readable like any source file."""
    golden = approved(tmp_path)
    assert golden.path.stat().st_mode & 0o777 == 0o644
    golden.path.chmod(0o600)
    assert approved(tmp_path).path.stat().st_mode & 0o777 == 0o600
