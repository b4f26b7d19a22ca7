"""What a project has shown becomes pages: each figure with its evidence, and nothing made up."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from agentops_eval.domain import RunMisuse
from agentops_eval.harness.evidencing import EVIDENCE, UNNAMED, digest_of_file
from agentops_eval.harness.reporting import SiteOrder, build, is_current, site_of
from agentops_eval.operations import calibration_json
from agentops_eval.reports import Fleet, Health, RunKind
from tests.harness.evidencing._kit import NOW
from tests.harness.reporting._kit import (
    FAIL,
    INVENTORY,
    fact,
    golden,
    journal,
    keep,
    lines,
    results,
    store,
    whole,
)
from tests.reports._results import HOSTILE, suite
from tests.reports.calibration._calibrations import calibration
from tests.reports.chaos._impacts import exploration, impact


def fleet(root: Path) -> Fleet:
    """What is told of a project."""
    return site_of(SiteOrder(root=root), now=NOW).fleet


def health(root: Path, name: str = "refund") -> Health:
    """How an agent is."""
    return next(one.health for one in fleet(root).agents if one.name == name)


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.found += [told["href"] or ""] if tag == "a" and "href" in told else []
        self.ids |= {told["id"] or ""} if "id" in told else set()


def read(path: Path) -> _Links:
    """The links and places of a page."""
    found = _Links()
    found.feed(path.read_text(encoding="utf-8"))
    return found


def broken(out: Path) -> Iterator[tuple[str, str]]:
    """Links of pages that lead nowhere, or out of the report."""
    pages = {page.resolve(): read(page) for page in out.rglob("*.html")}
    for page, told in pages.items():
        for link in set(told.found):
            parts = urlsplit(link)
            target = page if not parts.path else (page.parent / unquote(parts.path)).resolve()
            there = not parts.scheme and target.is_file() and target.is_relative_to(out.resolve())
            place = not parts.fragment or (there and parts.fragment in pages[target].ids)
            if not (there and place):
                yield page.name, link


def test_everything_has_a_page_and_every_link_leads_there(tmp_path: Path) -> None:
    """Scorecards, results, a gate, a game day and findings; links stay inside, and find file and place."""
    built = build(SiteOrder(root=whole(tmp_path)), tmp_path / "out", now=NOW)
    assert [one.problem for one in built.site.fleet.runs if one.problem] == []
    folders = {one.partition("/")[0] for one in built.site.pages if "/" in one}
    assert folders == {"scorecards", "results", "gates", "gamedays", "findings", "sources"}
    assert list(broken(tmp_path / "out")) == []


def test_the_report_can_be_moved_away_from_its_project(tmp_path: Path) -> None:
    """No page names a file outside of the folder as a link: it is whole where it is published."""
    build(
        SiteOrder(root=whole(tmp_path / "p" if (tmp_path / "p").mkdir() is None else tmp_path)),
        tmp_path / "out",
    )
    moved = (tmp_path / "out").rename(tmp_path / "elsewhere")
    assert list(broken(moved)) == []


def test_each_figure_of_an_agent_leads_to_the_item_that_says_it(tmp_path: Path) -> None:
    """Burn rate, objectives, cost and suites name an item of the page of evidence, with its proof."""
    found = fleet(whole(tmp_path))
    agent = next(one for one in found.agents if one.name == "refund")
    at = {item.address: item for item in found.items}
    assert at[agent.cost_address].measures["cost_per_success_usd"] == agent.cost_usd == 0.0123
    rates = {one.name: (one.burn_rate, one.verdict, at[one.address].subject) for one in agent.objectives}
    assert rates["task-success"] == (14.4, "fail", "task-success")
    assert rates["latency-run"] == (0.25, "pass", "latency-run")
    assert {item.copy.partition("/")[0] for item in found.items} == {"sources"}


def test_agents_that_no_inventory_names_are_unknown(tmp_path: Path) -> None:
    """Of evidence and of traces; those that it names are known though nothing was shown of them."""
    (tmp_path / "pyproject.toml").write_text(INVENTORY, encoding="utf-8")
    keep(tmp_path, fact(agent="stray"))
    golden(tmp_path, "traced")
    found = {one.name: (one.known, one.health) for one in fleet(tmp_path).agents}
    assert found == {
        "refund": (True, Health.UNKNOWN),
        "stray": (False, Health.UNKNOWN),
        "traced": (False, Health.UNKNOWN),
    }


def test_a_later_pass_closes_a_finding_and_an_earlier_one_does_not(tmp_path: Path) -> None:
    """What counts is when it was shown, in whatever order it was written; of equal moments harm wins."""
    (tmp_path / "pyproject.toml").write_text(INVENTORY, encoding="utf-8")
    keep(tmp_path, fact(verdict=FAIL))
    assert health(tmp_path) is Health.FINDINGS
    keep(tmp_path, fact(at="2026-11-27T11:00:00Z"))
    assert health(tmp_path) is Health.FINDINGS
    keep(tmp_path, fact(at="2026-11-27T12:03:00Z"))
    assert health(tmp_path) is Health.WELL
    keep(tmp_path, fact(at="2026-11-27T12:03:00Z", harms=("extra-effect",)))
    assert health(tmp_path) is Health.UNSAFE


def test_harm_in_which_nobody_is_named_is_every_agents(tmp_path: Path) -> None:
    """As in scorecards; agents that no inventory names are unknown until then."""
    keep(tmp_path, fact(), fact(agent="other"), fact(agent=UNNAMED, subject="saga", verdict=FAIL))
    assert {health(tmp_path), health(tmp_path, "other")} == {Health.UNKNOWN}
    keep(tmp_path, fact(agent=UNNAMED, subject="saga", harms=("extra-effect",)))
    assert {health(tmp_path), health(tmp_path, "other")} == {Health.UNSAFE}


def test_explorations_and_calibrations_have_a_page_for_each_proof(tmp_path: Path) -> None:
    """However many items one proves; a finding's page leads there, and draws its impacts."""
    explored = fact(kind="chaos.explore", subject="depth-2", verdict=FAIL, harms=("extra-effect",))
    keep(tmp_path, explored, proof=exploration())
    both = [fact(kind="calibration", subject=name) for name in ("confidence", "issue_refund")]
    keep(tmp_path, *both, proof={"calibration": calibration_json(calibration())})
    keep(tmp_path, fact(kind="calibration", subject="judge"), proof={"calibration": {"kappa": 0.8}})
    built = build(SiteOrder(root=tmp_path), tmp_path / "out", now=NOW)
    pages = [one for one in built.site.pages if one.startswith(("explorations", "calibrations"))]
    rows = [one for one in built.site.fleet.runs if one.kind in (RunKind.EXPLORE, RunKind.CALIBRATION)]
    assert sorted(pages) == sorted(one.page for one in rows)
    assert sorted(one.kind for one in rows) == ["calibration", "explore"]
    (found,) = built.site.fleet.findings
    assert found.whole in pages
    for page in pages:
        assert {link.partition("#")[0] for link in read(tmp_path / "out" / page).found} > {
            "../index.html",
            "../evidence.html",
        }
    assert "Not contained: it went 3 hops." in (tmp_path / "out" / found.page).read_text(encoding="utf-8")
    assert list(broken(tmp_path / "out")) == []


@pytest.mark.parametrize(
    ("kind", "subject", "proof"),
    [
        ("chaos.check", "breaker", {"checks": [{"check": "breaker", "findings": [{"impact": impact("a")}]}]}),
        ("chaos.fault", "a", {"impacts": [impact("a"), impact("b")]}),
        ("gameday", "plan", {"journals": [{"runs": [impact("a")]}, {"runs": [{"name": "b"}]}]}),
    ],
)
def test_a_finding_of_faults_shows_how_far_they_reached(
    tmp_path: Path, kind: str, subject: str, proof: object
) -> None:
    """Of checks, of runs under faults and of game days: the impacts of this finding, and of no other."""
    keep(tmp_path, fact(kind=kind, subject=subject, verdict=FAIL), proof=proof)
    (found,) = fleet(tmp_path).findings
    assert [(one.faults, one.hops) for one in found.impacts] == [("a", 3)]


def test_what_expired_is_no_health_and_takes_no_finding_back(tmp_path: Path) -> None:
    """Time goes by: passes stop to count, failures do not."""
    keep(tmp_path, fact(expires="2026-11-27T11:59:00Z"))
    assert health(tmp_path) is Health.UNKNOWN
    keep(tmp_path, fact(verdict=FAIL, expires="2026-11-27T11:59:00Z", subject="saga"))
    assert health(tmp_path) is Health.FINDINGS


def test_a_forged_item_is_named_and_its_pass_closes_nothing(tmp_path: Path) -> None:
    """A line that was changed does not count; that its proof is gone does not mend a failure."""
    keep(tmp_path, fact(verdict=FAIL))
    keep(tmp_path, fact(at="2026-11-27T12:03:00Z"), at=NOW + timedelta(seconds=1))
    forged = store(tmp_path)[1]
    forged.write_text(
        forged.read_text().replace('"breaker"', '"breaker "').replace('"breaker "', '"breaker"', 1)
    )
    forged.write_text(forged.read_text().replace("12:03", "12:04"))
    found = fleet(tmp_path)
    assert "not as it was written" in found.refused[0]
    assert [one.item.subject for one in found.findings] == ["breaker"]
    for proof in (tmp_path / EVIDENCE / "proofs").iterdir():
        proof.unlink()
    assert fleet(tmp_path).findings[0].item.doubt != ""


def test_findings_tell_what_their_proof_has(tmp_path: Path) -> None:
    """Weaknesses, failed cases, divergences, reasons of gates, findings of checks."""
    proof = {
        "weaknesses": ["deviated: it was slow"],
        "results": [
            {"suite": "s", "case": "a", "trial": 1, "value": "fail", "ending": "judged"},
            {"suite": "s", "case": "b", "trial": 1, "value": "pass", "ending": "judged"},
            {"suite": "other", "case": "c", "trial": 1, "value": "fail", "ending": "judged"},
        ],
        "findings": "no list",
    }
    keep(tmp_path, fact(kind="eval.suite", subject="s", verdict=FAIL), proof=proof)
    assert fleet(tmp_path).findings[0].details == ("deviated: it was slow", "a, trial 1: fail, judged")


def test_what_is_missing_is_said_and_nothing_is_put_in_its_place(tmp_path: Path) -> None:
    """An empty folder has no level, no cost, no rate: and a line for each, with what brings it."""
    found = fleet(tmp_path)
    assert (found.agents, found.findings, found.runs, found.count) == ((), (), (), 0)
    assert len(found.missing) == 6
    keep(tmp_path, fact())
    agent = fleet(tmp_path).agents[0]
    assert (agent.cost_usd, agent.objectives, agent.level) == (None, (), 0)
    assert all(one.what not in {m.what for m in found.missing[:1]} for one in fleet(tmp_path).missing)


def test_what_has_not_ended_tells_how_far_it_is(tmp_path: Path) -> None:
    """A suite of which trials are missing, and a game day without its last line."""
    results(tmp_path, suite(2, trials=2), planned=10)
    journal(tmp_path, *lines()[:-1])
    found = {one.kind: one for one in fleet(tmp_path).going}
    assert found[RunKind.RESULTS].going == "4 of 10 planned trials"
    assert found[RunKind.GAMEDAY].going == "1 of 2 experiments ended"
    assert found[RunKind.GAMEDAY].word == "not ended"


def test_a_file_that_cannot_be_read_is_a_row_that_says_so(tmp_path: Path) -> None:
    """Results that were edited, a journal of nonsense, a decision that is none: the rest is there."""
    whole(tmp_path)
    path = results(tmp_path, suite(1), name="edited.jsonl")
    path.write_text(path.read_text().replace("refunds", "refunded"))
    journal(tmp_path, name="nonsense.jsonl").write_text("nonsense\n")
    keep(tmp_path, fact(kind="gate", subject="other"), proof={"decision": {"format": "?"}})
    built = build(SiteOrder(root=tmp_path), tmp_path / "out", now=NOW)
    wrong = {one.name: one.problem for one in built.site.fleet.runs if one.problem}
    assert wrong.keys() == {"edited.jsonl", "nonsense.jsonl", "other"}
    assert "not as it was written" in wrong["edited.jsonl"]
    assert list(broken(tmp_path / "out")) == []


def test_sources_are_copied_as_what_no_browser_runs(tmp_path: Path) -> None:
    """A source that is a page becomes a text; one outside the project, or a link out of it, is not copied."""
    (tmp_path / "p").mkdir()
    (tmp_path / "secret.json").write_text("{}")
    (tmp_path / "p" / "evil.html").write_text("<script>alert(1)</script>")
    (tmp_path / "p" / "link.json").symlink_to(tmp_path / "secret.json")
    for number, source in enumerate(["evil.html", "../secret.json", "link.json"]):
        keep(tmp_path / "p", fact(subject=str(number), source=source, source_digest="0" * 64, verdict=FAIL))
    built = build(SiteOrder(root=tmp_path / "p"), tmp_path / "out", now=NOW)
    copies = {path.name for path in (tmp_path / "out" / "sources").iterdir()}
    assert {re.sub(r"-[0-9a-f]{20}", "", name) for name in copies} == {"evil.txt"}
    assert {one.item.copy == "" for one in built.site.fleet.findings if "evil" not in one.item.source} == {
        True
    }


def test_passwords_in_hidden_files_are_no_sources(tmp_path: Path) -> None:
    """An item that anybody commits may name `.git/config` as its proof; a report has no copy of it."""
    names = [".env", ".git/config", "a/.netrc", ".agentops/.env", ".agentops/mine.json"]
    for number, name in enumerate(names):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"word {number} of mine", encoding="utf-8")
        told = {"source": name, "source_digest": digest_of_file(path)}
        keep(tmp_path, fact(subject=name, verdict=FAIL, **told))
    build(SiteOrder(root=tmp_path), tmp_path / "out", now=NOW)
    assert [path.read_text() for path in (tmp_path / "out" / "sources").iterdir()] == ["word 4 of mine"]


def test_a_report_that_was_broken_off_is_known_and_leaves_nothing(tmp_path: Path) -> None:
    """What the next one does not have goes, though no list was written at the end; no index locks it out."""
    keep(tmp_path, fact(verdict=FAIL))
    calibrated = fact(kind="calibration", subject="confidence")
    keep(tmp_path, calibrated, proof={"calibration": calibration_json(calibration())})
    order, out = SiteOrder(root=tmp_path), tmp_path / "out"
    (out / "sources").mkdir(parents=True)
    (out / "scorecards").write_text("in the way")  # of all pages the index alone comes later
    with pytest.raises(OSError, match="scorecards"):
        build(order, out, now=NOW)
    assert not is_current(order, out, now=NOW)
    (out / "scorecards").unlink()
    (out / "index.html").write_text("as if it was killed behind the index")
    store(tmp_path)[0].unlink()
    store(tmp_path)[0].unlink()
    built = build(order, out, now=NOW)
    left = {path.relative_to(out).as_posix() for path in out.rglob("*.*")}
    assert left == {*built.site.pages, "report.json"}


@pytest.mark.parametrize("link", ["index.html", "report.json", "findings"])
def test_a_link_in_the_folder_of_a_report_is_refused(tmp_path: Path, link: str) -> None:
    """A repository may bring one that leads out of it: nothing is written, nor removed, behind it."""
    keep(tmp_path, fact(verdict=FAIL))
    mine, out = tmp_path / "mine", tmp_path / "out"
    mine.mkdir()
    (mine / "a.html").write_text("mine")
    out.mkdir()
    (out / link).symlink_to(mine if link == "findings" else mine / "a.html")
    if link != "report.json":
        told = {"format": "agentops-report", "pages": ["findings/a.html"]}
        (out / "report.json").write_text(json.dumps(told))
    with pytest.raises(RunMisuse, match=r"link|report build did not write"):
        build(SiteOrder(root=tmp_path), out, now=NOW)
    assert [path.read_text() for path in mine.iterdir()] == ["mine"]


def test_a_report_replaces_the_one_before_and_nothing_else(tmp_path: Path) -> None:
    """Pages of what is closed go; files that are not the report's stay; a foreign index is refused."""
    keep(tmp_path, fact(verdict=FAIL))
    order, out = SiteOrder(root=tmp_path), tmp_path / "out"
    build(order, out, now=NOW)
    (out / "notes.txt").write_text("mine")
    assert len(list((out / "findings").iterdir())) == 1
    keep(tmp_path, fact(at="2026-11-27T12:03:00Z"))
    build(order, out, now=NOW)
    assert list((out / "findings").iterdir()) == []
    assert (out / "notes.txt").read_text() == "mine"
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("mine")
    with pytest.raises(RunMisuse, match=r"index\.html"):
        build(order, tmp_path / "site", now=NOW)


@pytest.mark.parametrize(
    "page", ["../../escape.html", "/tmp/x.html", "sources/../../x.txt", ".hidden", 7, None]
)
def test_a_list_of_pages_that_somebody_made_removes_nothing(tmp_path: Path, page: object) -> None:
    """The list in the folder is no order to remove whatever it names."""
    out = tmp_path / "a" / "out"
    build(SiteOrder(root=tmp_path), out, now=NOW)
    (tmp_path / "escape.html").write_text("mine")
    told = json.loads((out / "report.json").read_text())
    (out / "report.json").write_text(json.dumps({**told, "pages": [page]}))
    build(SiteOrder(root=tmp_path), out, now=NOW)
    assert (tmp_path / "escape.html").read_text() == "mine"


def test_a_report_is_current_until_a_file_changes_or_a_day_goes_by(tmp_path: Path) -> None:
    """More evidence, more results, other settings, or time in which evidence may expire."""
    order, out = SiteOrder(root=tmp_path), tmp_path / "out"
    assert not is_current(order, out, now=NOW)
    changes = [
        lambda: keep(tmp_path, fact()),
        lambda: results(tmp_path, suite(1)),
        lambda: journal(tmp_path, *lines()),
        lambda: (tmp_path / "pyproject.toml").write_text(INVENTORY),
    ]
    for change in changes:
        build(order, out, now=NOW)
        assert is_current(order, out, now=NOW)
        change()
        assert not is_current(order, out, now=NOW)
    build(order, out, now=NOW)
    assert not is_current(order, out, now=NOW + timedelta(days=1))
    assert not is_current(order, out, now=NOW - timedelta(days=1))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_names_of_pages_are_ours_whatever_agents_are_called(tmp_path: Path, text: str) -> None:
    """No text gets into a path: pages are where they belong, and every link still leads somewhere."""
    built = build(SiteOrder(root=whole(tmp_path, text)), tmp_path / "out", now=NOW)
    assert all(re.fullmatch(r"(?:[a-z]+/)?[a-z0-9-]+\.(?:html|json|txt)", one) for one in built.site.pages)
    assert list(broken(tmp_path / "out")) == []
