"""Made-up results of suites, as many as a test wants, and what hostile agents might write into them."""

from __future__ import annotations

import random
from dataclasses import replace

from agentops_eval.domain import (
    CaseChange,
    ChangeKind,
    Comparison,
    Ending,
    ErrorSource,
    Estimate,
    MetricChange,
    PartChange,
    Result,
    RunError,
    Spend,
    Tally,
    Verdict,
    VerdictValue,
)
from agentops_eval.reports import CaseDiff, DiffRow, Measure, PromptDiff, Report, ReportInfo, RowKind

PASS, FAIL, UNKNOWN = VerdictValue.PASS, VerdictValue.FAIL, VerdictValue.UNKNOWN

# What has broken out of reports elsewhere: of HTML, of Markdown, of XML, of terminals, of logs.
HOSTILE = (
    "<script>window.pwned=1</script>",
    "</script><script>window.pwned=1</script>",
    "</script ><img src=x onerror=window.pwned=1>",
    "<!--<script>",
    "]]><svg onload=window.pwned=1>",
    "\"'><svg/onload=window.pwned=1>",
    "javascript:window.pwned=1",
    "</title></style></textarea><iframe srcdoc='<script>parent.pwned=1</script>'>",
    "<a href=javascript:window.pwned=1 autofocus onfocus=window.pwned=1>x</a>",
    "<meta http-equiv=refresh content='0;url=http://192.0.2.1/'>",
    "<base href=http://192.0.2.1/><link rel=stylesheet href=x>",
    "{{ 7 * 7 }} {% for x in y %} ${7*7} #{7*7}",
    "\u2028window.pwned=1\u2029//",
    "\\u003cimg src=x onerror=window.pwned=1\\u003e",
    "&lt;script&gt;window.pwned=1&lt;/script&gt; &#60;b&#62;",
    "@octocat @org/team #12 GH-1 org/repo#3 https://evil.example www.evil.example a@evil.example",
    "![x](http://evil.example/x.png) [x](http://evil.example) <http://evil.example> [ref]: http://evil.example",
    "| a | b |\n|---|---|\n| c |",
    "`code` ``` fence ```\n# heading\n- item\n> quote\n***",
    "</code></details></td></table><h1>taken over</h1>",
    "$`x`$ $$x$$ :tada: \\| \\` ~~x~~ ^x^",
    "::error file=x,line=1::taken over\n::set-env name=x::y\r::stop-commands::z %0A::warning::w",
    "[[ATTACHMENT|/etc/passwd]] [[PROPERTY|passed=yes]]",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x08\x08\x00\x7f\x9b31m",
    "\u202eesrever\u202c \u2066isolated\u2069 a\u200bb\ufeff",
    "lone \ud800 and \udfff",
    "\ufffe\uffff not characters",
    "x" * 30_000,
    "\U0001f600 \u00e4\u00f6\u00fc \u6f22\u5b57",
)


def verdict(evaluator="answer", value=PASS, reason="", score=None, evidence=()) -> Verdict:
    scored = {PASS: 1.0, FAIL: 0.0}.get(value) if score is None else score
    return Verdict(evaluator=evaluator, value=value, score=scored, reason=reason, evidence=evidence)


def passed(case="c", **told) -> Result:
    return Result(**{"suite": "refunds", "case": case, "value": PASS, "verdicts": (verdict(),), **told})


def failed(case="c", reason="amount is 5990, not 59.90", **told) -> Result:
    verdicts = (verdict(), verdict("tools", FAIL, reason, evidence=("0000000000000003",)))
    return Result(**{"suite": "refunds", "case": case, "value": FAIL, "verdicts": verdicts, **told})


def broken(case="c", source=ErrorSource.INFRASTRUCTURE, message="the llm's host said 503", **told) -> Result:
    error = RunError(source=source, kind="HTTPError", message=message)
    return Result(**{"suite": "refunds", "case": case, "ending": Ending.ERROR, "error": error, **told})


def needs_recording(case="c", **told) -> Result:
    remedy = f"agentops-eval eval run scenarios/refunds.yaml --case {case} --record"
    given = {"suite": "refunds", "case": case, "ending": Ending.NEEDS_RECORDING, "remedy": remedy}
    return Result(**{**given, **told})


def unknown(case="c", **told) -> Result:
    verdicts = (verdict("faithfulness", UNKNOWN, "the judge is below its floor"),)
    return Result(**{"suite": "refunds", "case": case, "value": UNKNOWN, "verdicts": verdicts, **told})


KINDS = (passed, failed, broken, needs_recording, unknown)
TOPICS = ("broken-parcel", "late-parcel", "wrong-size", "double-charge", "gift-card", "address-change")
LANGUAGES = ("de", "en", "fr")
TIERS = ("basic", "plus")
REASONS = (
    "amount is 5990, not 59.90",
    "issue_refund was called twice with the idempotency key order-1042",
    "the answer promises a date that no tool told",
    "get_order came after issue_refund",
)


def suite(cases=40, *, trials=3, seed=7, verdicts=3, name="refunds") -> list[Result]:
    """A plausible suite: most trials pass, some cases flap, a few cannot be judged."""
    drawn, found = random.Random(seed), list[Result]()
    for number in range(cases):
        topic = TOPICS[number % len(TOPICS)]
        case = f"{topic}-{1000 + number}"
        strength = drawn.choice((1, 1, 1, 1, 0.95, 0.6, 0.1))
        kind = drawn.choices((passed, broken, needs_recording, unknown), (40, 1, 1, 1))[0]
        found += [
            _trial(drawn, kind, strength, case, trial, verdicts, number, name)
            for trial in range(1, trials + 1)
        ]
    return found


def _trial(drawn, kind, strength, case, trial, verdicts, number, name) -> Result:
    made = (
        kind(case)
        if kind is not passed
        else passed(case)
        if drawn.random() < strength
        else failed(case, drawn.choice(REASONS))
    )
    extra = tuple(
        verdict(f"check_{n}", reason="as it should be", score=round(drawn.random() / 2 + 0.5, 2))
        for n in range(verdicts - len(made.verdicts))
    )
    return replace(
        made,
        suite=name,
        trial=trial,
        title=f"Somebody asks about {case.rpartition('-')[0].replace('-', ' ')}s",
        asked=(f"Order {1000 + number}: what about my money?", "And when?")[: 1 + number % 2],
        verdicts=made.verdicts + (extra if made.verdicts else ()),
        output=f"Your order {1000 + number} is {'refunded' if made.passed else 'being looked at'}. "
        "You get 59.90 EUR back within three days, to the card that you paid with.",
        spend=Spend(
            cost_usd=round(drawn.uniform(0.0004, 0.004), 6),
            latency_s=round(drawn.uniform(0.4, 6), 3),
            input_tokens=drawn.randint(300, 2000),
        ),
        tags=(case.rpartition("-")[0], *(("money",) if number % 2 else ())),
        segments={"language": LANGUAGES[number % 3], "tier": TIERS[number % 2]},
        versions={"prompt desk": "1.4.0 (3f9c2a)", "tools": "9b1c07"},
        seed=1000 * number + trial,
        recording=f"{number:04x}{trial:04x}",
        trace_id=f"{number * 1000 + trial:032x}",
        where=f"scenarios/{name}.yaml:{12 + 9 * number}",
    )


def info(**told) -> ReportInfo:
    given = {
        "title": "refunds, candidate 1.4.0",
        "when": "2026-11-12T09:30:00Z",
        "command": "agentops-eval eval report results/refunds.jsonl --html report.html",
        "versions": {"prompt desk": "1.4.0 (3f9c2a)", "tools": "9b1c07", "agent": "shop:refund_agent"},
        "independent": 96,
        "pass_rate": Measure(
            name="pass rate", value=0.8333, low=0.746, high=0.8945, n=96, method="Wilson, 95 %"
        ),
        "pass_hat_k": {1: 0.8333, 2: 0.78, 3: 0.7436},
        "parts": (
            Measure(name="language:de", value=0.91, low=0.77, high=0.97, n=32, method="Wilson, 95 %"),
            Measure(name="language:en", value=0.84, low=0.68, high=0.93, n=32, method="Wilson, 95 %"),
            Measure(name="language:fr", value=0.75, low=0.58, high=0.87, n=32, method="Wilson, 95 %"),
            Measure(name="tag:money", value=0.79, low=0.65, high=0.88, n=48, method="Wilson, 95 %"),
            Measure(name="tag:gift-card", value=1.0, low=0.81, high=1.0, n=16, method="Wilson, 95 %"),
            Measure(name="tier:plus", value=None, n=0, method="Wilson, 95 %"),
        ),
        "evaluators": (
            Measure(name="answer", value=0.93, low=0.88, high=0.96, n=96, unit="score"),
            Measure(name="tools", value=0.81, low=0.74, high=0.87, n=96, unit="score"),
        ),
        "spends": (
            Measure(name="latency, median", value=2.31, low=2.1, high=2.6, n=96, unit="s"),
            Measure(name="tokens per trial", value=1214, low=1130, high=1300, n=96, unit="tokens"),
        ),
        "notes": ("3 replays of one recording count once.",),
    }
    return ReportInfo(**{**given, **told})


def comparison(results=()) -> Comparison:
    """Regressions are among the results' own cases where there are any."""
    failing = [one.case for one in results if one.passed is False]
    names = list(dict.fromkeys([*failing[:4], *(one.case for one in results)]))
    names = names or [f"case-{n}" for n in range(8)]
    kinds = [ChangeKind.REGRESSION] * 2 + [ChangeKind.IMPROVEMENT, ChangeKind.NOISE, ChangeKind.NOISE]
    kinds += [ChangeKind.ADDED, ChangeKind.UNKNOWN] + [ChangeKind.SAME] * len(names)
    return Comparison(
        baseline="1.3.0",
        candidate="1.4.0",
        cases=(
            *(_change(name, kind) for name, kind in zip(names, kinds, strict=False)),
            _change("gone", ChangeKind.REMOVED),
        ),
        parts=(
            _part("language:fr", ChangeKind.REGRESSION, 29, 24, -0.156, -0.281, -0.031, 0.031),
            _part("language:de", ChangeKind.IMPROVEMENT, 26, 30, 0.125, 0.02, 0.23, 0.041),
            _part("tag:money", ChangeKind.NOISE, 39, 38, -0.021, -0.09, 0.05),
        ),
        metrics=(
            _metric("cost_usd", ChangeKind.REGRESSION, 0.0021, 0.0027, 0.0006, 0.0003, 0.0009),
            _metric("latency_s", ChangeKind.IMPROVEMENT, 3.1, 2.4, -0.7, -1.1, -0.3),
            _metric("tokens", ChangeKind.NOISE, 1190.0, 1214.0, 24.0, -40.0, 90.0),
        ),
        overall=Estimate(
            value=-0.052, low=-0.11, high=0.005, p_value=0.0734, n=96, method="paired, clustered by case"
        ),
        needed=120,
        notes=("Parts are tested together (Holm).",),
    )


def _change(case, kind) -> CaseChange:
    worse = kind is ChangeKind.REGRESSION
    return CaseChange(
        suite="refunds",
        case=case,
        kind=kind,
        baseline=Tally(passed=3, judged=3) if kind is not ChangeKind.ADDED else Tally(),
        candidate=Tally(passed=0 if worse else 3, judged=3, left_out=int(worse)),
        diverges="step 3: tool issue_refund(order=1042, amount=5990)" if worse else "",
        reasons=(f"tools: {REASONS[0]}",) if worse else (),
    )


def _part(name, kind, before, after, value, low, high, p_value=1.0) -> PartChange:
    return PartChange(
        name=name,
        kind=kind,
        baseline=Tally(passed=before, judged=32),
        candidate=Tally(passed=after, judged=32),
        difference=Estimate(value=value, low=low, high=high, p_value=p_value, n=32, method="paired"),
        cases=11,
    )


def as_it_stands() -> PartChange:
    """A part of two cases of which one broke, which proves nothing of others."""
    return _part("tag:new", ChangeKind.REGRESSION, 32, 16, -0.5, -0.9, 0.4, 0.5)


def _metric(name, kind, before, after, value, low, high) -> MetricChange:
    difference = Estimate(value=value, low=low, high=high, n=40, method="paired bootstrap")
    return MetricChange(name=name, baseline=before, candidate=after, difference=difference, kind=kind)


ROWS = (
    DiffRow(kind=RowKind.SAME, left="agent refund_agent", right="agent refund_agent"),
    DiffRow(kind=RowKind.GAP, left="1 equal step"),
    DiffRow(
        kind=RowKind.CHANGED,
        left="tool issue_refund(order=1042, amount=59.90)",
        right="tool issue_refund(order=1042, amount=5990)",
        first=True,
    ),
    DiffRow(kind=RowKind.REMOVED, left="tool send_mail(to='customer', template='refunded')"),
    DiffRow(kind=RowKind.ADDED, right="tool escalate(reason='amount above the limit')"),
)


def report(cases=40, **told) -> Report:
    """Everything that a report can hold."""
    results = suite(cases, **told)
    compared = comparison(results)
    diffs = tuple(
        CaseDiff(suite=one.suite, case=one.case, baseline="1.3.0", candidate="1.4.0", rows=ROWS)
        for one in compared.regressions
    )
    prompt = PromptDiff(
        name="desk",
        baseline="1.3.0",
        candidate="1.4.0",
        rows=(
            DiffRow(kind=RowKind.SAME, left="You answer for a shop.", right="You answer for a shop."),
            DiffRow(
                kind=RowKind.CHANGED,
                left="Refund in euros, with two decimals.",
                right="Refund in cents, without decimals.",
            ),
            DiffRow(kind=RowKind.ADDED, right="Be brief."),
        ),
    )
    return Report(results=results, info=info(), comparison=compared, diffs=diffs, prompts=(prompt,))


def hostile(text: str) -> Report:
    """The text in every place that an agent, an llm, a judge or a file's author can fill."""
    verdicts = (Verdict(value=FAIL, score=0.0, reason=text, evidence=(text,), evaluator=text),)
    result = Result(
        suite=text,
        case=text,
        variant=text,
        title=text,
        asked=(text, {text: text}),
        value=FAIL,
        verdicts=verdicts,
        error=RunError(source=ErrorSource.AGENT, kind=text, message=text),
        output=text,
        tags=(text,),
        segments={text: text},
        versions={text: text},
        recording=text,
        trace_id=text,
        trace_file=text,
        where=text,
        remedy=text,
    )
    judged = replace(result, case=f"{text}2", ending=Ending.NEEDS_RECORDING)
    change = CaseChange(
        suite=text, case=text, kind=ChangeKind.REGRESSION, baseline=Tally(), candidate=Tally(),
        diverges=text, reasons=(text,),
    )  # fmt: skip
    estimate = Estimate(value=0.1, low=0.0, high=0.2, method=text)
    part = PartChange(
        name=text, kind=ChangeKind.REGRESSION, baseline=Tally(), candidate=Tally(), difference=estimate
    )
    metric = MetricChange(name=text, baseline=1.0, candidate=2.0, difference=estimate, kind=ChangeKind.NOISE)
    compared = Comparison(
        baseline=text, candidate=text, cases=(change,), parts=(part,), metrics=(metric,), notes=(text,)
    )
    measure = Measure(name=text, value=0.5, low=0.4, high=0.6, n=1, method=text)
    rows = tuple(DiffRow(kind=kind, left=text, right=f"{text}.") for kind in RowKind)
    told = ReportInfo(
        title=text, when=text, command=text, versions={text: text}, pass_rate=measure,
        parts=(measure,), evaluators=(measure,), spends=(measure,), notes=(text,),
    )  # fmt: skip
    return Report(
        results=(result, judged),
        info=told,
        comparison=compared,
        diffs=(CaseDiff(suite=text, case=text, variant=text, baseline=text, candidate=text, rows=rows),),
        prompts=(PromptDiff(name=text, baseline=text, candidate=text, rows=rows),),
    )
