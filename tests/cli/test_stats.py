"""``trace stats``: service levels and costs on a terminal and for scripts."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from agentops_eval.cli._stats import stats
from agentops_eval.traces.levels import DIMENSIONS
from tests.cli.test_exports import EXPORT, TRACE, attributes, span

if TYPE_CHECKING:
    from tests.cli._kit import Commands

T0 = 1_790_000_000 * 10**9
PRICES = "date = 2026-11-01\n[llm.big]\ninput = 10\noutput = 100\n"


def exported(*spans: dict[str, Any], **resource: str) -> dict[str, Any]:
    """An export of spans whose times are of this century."""
    for one in spans:
        for key in ("startTimeUnixNano", "endTimeUnixNano"):
            one[key] = str(int(one[key]) % T0 + T0)
    told = {"attributes": attributes({key.replace("__", "."): value for key, value in resource.items()})}
    return {"resourceSpans": [{"resource": told, "scopeSpans": [{"scope": {"name": "t"}, "spans": spans}]}]}


def agent(number: int, name: str = "desk", error: str = "", **more: Any) -> dict[str, Any]:
    told = {"gen_ai__operation__name": "invoke_agent", "gen_ai__agent__name": name}
    return span(number, f"invoke_agent {name}", 0, error, **told, **more)


def llm(number: int, parent: int, name: str = "big", **more: Any) -> dict[str, Any]:
    told = {"gen_ai__operation__name": "chat", "gen_ai__request__model": name}
    used = {"gen_ai__usage__input_tokens": 1000, "gen_ai__usage__output_tokens": 100}
    return span(number, f"chat {name}", parent, **told, **used, **more)


@pytest.fixture
def prod(ae: Commands) -> str:
    """Three runs: two teams, one failure, one llm without a price."""
    runs = [
        exported(agent(1, agentops__team="red"), llm(2, 1)),
        exported(agent(1, error="ValueError", agentops__team="red"), llm(2, 1)),
        exported(agent(1, agentops__team="blue"), llm(2, 1, "tiny")),
    ]
    for number, run in enumerate(runs):
        for one in run["resourceSpans"][0]["scopeSpans"][0]["spans"]:
            one["traceId"] = f"{number + 1:032x}"
    (ae.folder / "prod.jsonl").write_text("".join(json.dumps(run) + "\n" for run in runs))
    (ae.folder / "prices.toml").write_text(PRICES)
    return "prod.jsonl"


def test_levels_are_told_in_tables(ae: Commands, prod: str) -> None:
    """Success first, then time, then money with the date of the prices, then each llm."""
    out = ae("trace", "stats", prod, "--prices", "prices.toml").out
    assert "3 runs, success rate 66.6% (2 of 3)" in out
    assert "cost:   $0.040000+ (unknown of 1 call), unknown for each completed run" in out
    assert "prices file: 2 calls; prices file of 2026-11-01" in out
    assert [line.split()[:2] for line in out.splitlines()[-2:]] == [["big", "2"], ["tiny", "1"]]


def test_costs_are_attributed(ae: Commands, prod: str) -> None:
    """Each dimension that is asked for has a table; what is attributed to nobody is a row."""
    words = ("trace", "stats", prod, "--prices", "prices.toml", "--by", "team", "--by", "use_case", "--json")
    team, use_case = ae(*words).document["groups"]
    shown = [(row["value"], row["total"]["cost_usd"], row["endings"]["failed"]) for row in team["rows"]]
    assert (team["by"], shown) == ("team", [("red", "0.04", 1), ("blue", None, 0)])
    assert [row["value"] for row in use_case["rows"]] == [None]
    assert "(unattributed)" in ae(*words[:-1]).out


def test_attribution_follows_the_projects_settings(ae: Commands, prod: str) -> None:
    """Attribute names of [tool.agentops.attribution] take the place of the default ones."""
    (ae.folder / "pyproject.toml").write_text('[tool.agentops.attribution]\ntenant = ["agentops.team"]\n')
    (group,) = ae("trace", "stats", prod, "--by", "tenant", "--json").document["groups"]
    assert {row["value"] for row in group["rows"]} == {"red", "blue"}


def test_an_unknown_llm_is_an_error_or_zero_by_choice(ae: Commands, prod: str) -> None:
    """An error is a finding and names the llm; zero is labelled as such."""
    words = ("trace", "stats", prod, "--prices", "prices.toml", "--unknown-llm")
    done = ae(*words, "error")
    assert (done.code, "AE209" in done.err, "'tiny'" in done.err) == (1, True, True)
    total = ae(*words, "zero", "--json").document["total"]
    assert (total["cost_usd"], total["cost_sources"]) == ("0.04", {"prices file": 2, "zero": 1})


@pytest.mark.parametrize("width", [40, 80, 200])
def test_tables_fit_the_terminal(
    ae: Commands, prod: str, width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No line is wider than the terminal, from 80 columns on, whatever names agents give."""
    names = ["n" * 300, "\x1b[2J\u202e", "名" * 60]
    runs = [exported(agent(1, name), llm(2, 1, name)) for name in names]
    for number, run in enumerate(runs):
        for one in run["resourceSpans"][0]["scopeSpans"][0]["spans"]:
            one["traceId"] = f"{number + 9:032x}"
    (ae.folder / "odd.jsonl").write_text("".join(json.dumps(run) + "\n" for run in runs))
    monkeypatch.setenv("COLUMNS", str(width))
    done = ae("trace", "stats", "odd.jsonl", prod, "--by", "agent", "--by", "llm")
    assert (done.code, "\x1b[2J" in done.out, "\u202e" in done.out) == (0, False, False)
    assert width < 80 or all(len(line) <= width for line in done.out.splitlines())


def test_goldens_and_recordings_are_read_too(ae: Commands) -> None:
    """A golden tells no durations; its recording does."""
    golden = ae("trace", "stats", "r.otlp.jsonl", "--json").document
    recorded = ae("trace", "stats", "r.cassette.jsonl", "--json").document
    assert (golden["runs"], golden["latency_ms"]["tool"]["n"], recorded["latency_ms"]["tool"]["n"]) == (
        1,
        0,
        2,
    )
    assert golden["latency_ms"]["tool"] == {
        "n": 0, "unknown": 2, "p50": None, "p95": None, "p99": None, "exact": True,
    }  # fmt: skip
    assert "durations are unknown" in ae("trace", "stats", "r.otlp.jsonl").out


def test_what_cannot_be_read_is_said(ae: Commands, prod: str) -> None:
    """Missing files, wrong price files and nonsense between spans are told, each with its place."""
    assert "AE206" in ae("trace", "stats", "missing.jsonl").err
    done = ae("trace", "stats", prod, "--prices", "missing.toml")
    assert (done.code, "AE401" in done.err) == (2, True)
    (ae.folder / "part.jsonl").write_text(json.dumps(EXPORT) + "\nnonsense\n")
    out = ae("trace", "stats", "part.jsonl").out
    assert ("1 run, " in out, "1 problem, passed over:" in out) == (True, True)
    assert TRACE not in out


def test_a_golden_is_told_to_keep_no_attribution(ae: Commands) -> None:
    """What goldens leave out is said once, instead of tables in which everything is unknown."""
    done = ae("trace", "stats", "r.otlp.jsonl", "--by", "team")
    assert "a golden keeps no authority, approver, attribution, told cost or time" in done.out
    assert ae("trace", "stats", "r.otlp.jsonl", "--json").document["without_clock"] == 1
    assert ae("trace", "stats", "r.cassette.jsonl", "--json").document["without_clock"] == 0


def test_llms_without_a_price_are_named(ae: Commands, prod: str) -> None:
    """Unknown costs say whose they are and what to do."""
    for words in (("trace", "stats", prod), ("trace", "show", prod)):
        told = " ".join(ae(*words, "--prices", "prices.toml").out.split())
        assert "no price: tiny; " in told
        assert "name your own table with --prices FILE" in told
    document = ae("trace", "stats", prod, "--prices", "prices.toml", "--json").document
    assert document["unpriced"] == {"tiny": 1}


def test_prices_may_be_a_setting(ae: Commands, prod: str) -> None:
    """The setting prices names the table for every command that prices; --prices goes before it."""
    (ae.folder / "pyproject.toml").write_text('[tool.agentops]\nprices = "prices.toml"\n')
    assert ae("trace", "stats", prod, "--json").document["total"]["cost_usd"] == "0.04"
    costs = [run["cost"]["usd"] for run in ae("trace", "show", prod, "--json").document["runs"]]
    assert costs == ["0.02", "0.02", None]
    words = ("trace", "import", prod, "--as", "golden", "--out", "made", "--every", "--min-cost", "0.02")
    assert len(ae(*words, "--json").document["runs"]) == 2
    (ae.folder / "dear.toml").write_text(PRICES.replace("100", "1000"))
    costs = [
        run["cost"]["usd"]
        for run in ae("trace", "show", prod, "--prices", "dear.toml", "--json").document["runs"]
    ]
    assert costs == ["0.11", "0.11", None]
    finding = ae("trace", "lint", prod, "--select", "AL501", "--json").document["counts"]
    assert finding == {"AL501": 1}


def test_costs_are_told_by_every_dimension() -> None:
    """The option --by, which is read before anything heavy is imported, offers what can be counted by."""
    (by,) = [one for one in stats.params if one.name == "by"]
    assert tuple(by.type.choices) == DIMENSIONS
