"""``trace push``: spans to a receiver, over OTLP."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from agentops_eval.cli._filters import left_out_lines, run_filters, sieve_json, sieve_of
from agentops_eval.cli._loading import runs_in
from agentops_eval.cli._output import json_option, line, many, note, print_json, say, say_lines
from agentops_eval.cli._problems import problems_json, problems_of, say_problems
from agentops_eval.domain import Json

if TYPE_CHECKING:
    from agentops_eval.harness import Outgoing, Sieve
    from agentops_eval.traces.pushing import PushReport, Target

_FILE = click.Path(path_type=Path)
_LOGICAL = (
    "{} without real times, as goldens are: the spans stand at the beginning of 1970, "
    "where a receiver that shows the last hour does not look"
)


@click.command("push", short_help="Send runs to a receiver of OTLP over HTTP.")
@click.argument("files", metavar="FILE...", type=_FILE, nargs=-1, required=True)
@click.option("--endpoint", default="", metavar="URL", help="Such as http://127.0.0.1:4318/v1/traces.")
@click.option("--header", "headers", multiple=True, metavar="NAME=VALUE", help="Sent along. May be repeated.")
@click.option(
    "--encoding",
    type=click.Choice(["protobuf", "json"]),
    default="protobuf",
    show_default=True,
    help="Of the requests.",
)
@click.option("--gzip", is_flag=True, help="Pack the requests.")
@click.option(
    "--timeout-s",
    type=click.FloatRange(min=0, min_open=True),
    default=10.0,
    show_default=True,
    help="Seconds that an answer may take.",
)
@click.option(
    "--retries",
    type=click.IntRange(0, 100),
    default=4,
    show_default=True,
    help="How often a request is sent again.",
)
@click.option("--max-spans", type=click.IntRange(1), default=512, show_default=True, help="Of one request.")
@click.option(
    "--max-bytes", type=click.IntRange(1), default=4 * 1024 * 1024, show_default=True, help="Of one request."
)
@click.option("--raw", is_flag=True, help="Do not redact secrets.")
@click.option("--dry-run", is_flag=True, help="Send nothing; print the requests as lines of OTLP JSON.")
@run_filters
@json_option
def push(
    files: tuple[Path, ...],
    endpoint: str,
    headers: tuple[str, ...],
    encoding: str,
    gzip: bool,
    timeout_s: float,
    retries: int,
    max_spans: int,
    max_bytes: int,
    raw: bool,
    dry_run: bool,
    as_json: bool,
    **conditions: Any,
) -> int:
    """Send the runs in FILE... to a receiver of OTLP over HTTP.

    FILE is a golden, a recording (ours or vcrpy's), an export of any framework, or a log or eval set.
    Without --endpoint, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT says where;
    OTEL_EXPORTER_OTLP_HEADERS holds headers. Secrets are redacted first. A receiver may see spans twice.
    """
    from agentops_eval.harness import Outgoing, PushOptions, push_runs, settings_for_reading
    from agentops_eval.traces.pushing import Encoding, Limits, is_named, target_of

    options = PushOptions(
        encoding=Encoding(encoding),
        gzip=gzip,
        raw=raw,
        timeout_s=timeout_s,
        limits=Limits(spans=max_spans, size=max_bytes),
        retries=retries,
    )
    settings = settings_for_reading(Path.cwd())
    problems, sieve = problems_of(settings), sieve_of(conditions)
    runs = sieve.through(runs_in(files, problems))
    outgoing = Outgoing(files=files, runs=runs, settings=settings, options=options, problems=problems)
    if dry_run:
        named = endpoint or headers or is_named(os.environ)
        target = target_of(endpoint, headers, os.environ) if named else None
        report = _rehearsed(outgoing, as_json=as_json)
        return _told(report, target, outgoing, sieve, as_json=as_json, sent=False)
    target = target_of(endpoint, headers, os.environ)
    report = push_runs(outgoing, target, notify=lambda text: note(line(text)))
    return _told(report, target, outgoing, sieve, as_json=as_json, sent=True)


def _rehearsed(outgoing: Outgoing, *, as_json: bool) -> PushReport:
    """Count what would be sent, and print it where a person or a file is to have it."""
    from agentops_eval.traces.pushing import JsonEncoder, PushReport, batches

    spans, size, count, traces = 0, 0, 0, set[str]()
    for batch in outgoing.batches():
        count, spans, size = batch.number, spans + len(batch.spans), size + len(batch.body)
        traces.update(batch.traces)
        if not as_json:
            whole = outgoing.options.limits.__class__(spans=len(batch.spans), size=2**62)
            say_lines(one.body.decode() for one in batches([batch.spans], JsonEncoder(), limits=whole))
    return PushReport(spans=spans, traces=len(traces), batches=count, size=size)


def _told(
    report: PushReport,
    target: Target | None,
    outgoing: Outgoing,
    sieve: Sieve,
    *,
    as_json: bool,
    sent: bool,
) -> int:
    if as_json:
        print_json({**_json(report, target, outgoing, sent=sent), **sieve_json(sieve)})
    else:
        _say(report, target, outgoing, sieve, sent=sent)
    return 1 if report.rejected or not report.spans else 0


def _json(report: PushReport, target: Target | None, outgoing: Outgoing, *, sent: bool) -> dict[str, Json]:
    return {
        "paths": [str(file) for file in outgoing.files],
        "endpoint": None if target is None else target.shown,
        "headers": [] if target is None else [name for name, _ in target.headers],
        "encoding": outgoing.options.encoding.value,
        "sent": sent,
        "traces": report.traces,
        "spans": report.spans,
        "batches": report.batches,
        "bytes": report.size,
        "accepted": report.accepted if sent else None,
        "rejected": report.rejected if sent else None,
        "messages": list(report.messages),
        "retries": report.retries,
        "logical_traces": outgoing.logical,
        **problems_json(outgoing.problems),
    }


def _say(report: PushReport, target: Target | None, outgoing: Outgoing, sieve: Sieve, *, sent: bool) -> None:
    out = say if sent else _aside
    what = (
        f"{many(report.spans, 'span')} of {many(report.traces, 'trace')} in {many(report.batches, 'request')}"
    )
    where = f" to {line(target.shown)}" if target is not None else ""
    how = f"{report.size:,} bytes of {outgoing.options.encoding.value}"
    if not report.spans and not sieve.read:
        out("no runs in " + ", ".join(line(file) for file in outgoing.files))
    elif not report.spans:
        out("nothing to send")
    elif sent:
        again = f", {many(report.retries, 'retry')}" if report.retries else ""
        out(f"{what} sent{where} ({how}{again})")
    else:
        out(f"{what} would be sent{where} ({how})")
    if target is not None and target.unused:
        out(line(target.unused))
    if report.rejected:
        out(f"the receiver rejected {many(report.rejected, 'span')}; it has the other {report.accepted}")
    for message in report.messages:
        out(f"it says: {line(message)}")
    if outgoing.logical and report.spans:
        out(_LOGICAL.format(many(outgoing.logical, "trace")))
    for text in left_out_lines(sieve):
        out(text)
    if sent:
        say_problems(outgoing.problems)
    else:
        for problem in outgoing.problems.kept[:10]:
            out(f"passed over: {line(str(problem))}")


def _aside(text: str) -> None:
    """To a person, beside the lines on standard output."""
    click.echo(text, err=True)
