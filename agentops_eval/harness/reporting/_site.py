"""A project as pages: which there are, what they are made of, and each of them when it is asked for."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from agentops_eval.domain import CriterionResult, Evidence, Scorecard, moment_text
from agentops_eval.harness._inventory import Inventoried, read_inventory
from agentops_eval.harness._keys import redactor_of
from agentops_eval.harness._settings import Settings, settings_for_reading
from agentops_eval.harness.evidencing import (
    EVIDENCE,
    UNNAMED,
    KeptEvidence,
    ScoreOrder,
    agent_called,
    score,
)
from agentops_eval.harness.reporting import _files as files
from agentops_eval.harness.reporting._missing import missing_of
from agentops_eval.harness.reporting._names import card_page, named, slug
from agentops_eval.harness.reporting._pages import INDEX, Page, copied
from agentops_eval.harness.reporting._proven import Proven
from agentops_eval.harness.reporting._runs import Runs
from agentops_eval.harness.reporting._shown import (
    Shown,
    details_of,
    impacts_of,
    inside,
    shown_in,
    versions_of,
)
from agentops_eval.harness.reporting._traces import TracePages
from agentops_eval.reports import (
    AgentView,
    FindingView,
    Fleet,
    Health,
    ItemView,
    ObjectiveView,
    evidence_html,
    finding_html,
    fleet_html,
    scorecard_html,
)
from agentops_eval.traces.redaction import Redactor

MOST_AGENTS, MOST_ITEMS, MOST_FINDINGS = 200, 2_000, 200
_LARGEST_COPY = 16 * 1024 * 1024
_COSTS = (("trace.stats", "levels"), ("eval.suite", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteOrder:
    """Of which project, and by which criteria and signatures."""

    root: Path
    criteria: Sequence[Path] = ()
    attestations: Sequence[Path] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Everything that is told of a project. ``pages`` are made when they are called, by their address.

    ``inputs`` is a digest of the files that they are made of.
    """

    fleet: Fleet
    pages: Mapping[str, Page]
    scorecards: Mapping[str, Scorecard]
    inputs: str


def inputs_of(order: SiteOrder) -> str:
    """A digest of what the files of a project are by their sizes and times; another one, another report."""
    root = order.root
    named = [*order.criteria, *order.attestations, root / "pyproject.toml"]
    known = files.stamps([*(root / EVIDENCE).glob("*.jsonl"), *named])
    every = [*known, *files.results_files(root), *files.journals(root)]
    text = "\n".join(f"{one.path}\0{one.size}\0{one.mtime_ns}" for one in every)
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def site_of(order: SiteOrder, *, now: datetime | None = None) -> Site:
    """Gather everything. A file that cannot be read is a row that says so, and stops nothing.

    Raises ConfigInvalid, CriteriaInvalid, AttestationInvalid, and OSError for the store.
    """
    now = now or datetime.now(UTC)
    inputs = inputs_of(order)  # before they are read: what changes meanwhile is another report
    return _Maker(order, now, shown_in(order.root, now), settings_for_reading(order.root)).site(inputs)


@dataclass
class _Maker:
    order: SiteOrder
    now: datetime
    shown: Shown
    settings: Settings
    pages: dict[str, Page] = field(default_factory=dict)
    open: list[KeptEvidence] = field(default_factory=list)
    open_of: dict[str, list[Evidence]] = field(default_factory=lambda: defaultdict(list))
    proven: Proven = field(init=False)
    redactor: Redactor = field(init=False)

    def __post_init__(self) -> None:
        root = self.order.root
        self.proven = Proven(root, self.pages)
        self.redactor = redactor_of(self.settings)
        self.traces = TracePages(root=root, settings=self.settings, pages=self.pages, copy=self._copy)

    def site(self, inputs: str) -> Site:
        root, settings = self.order.root, self.settings
        inventory = read_inventory(root)
        results, journals = files.results_files(root), files.journals(root)
        self.open = self.shown.open
        for kept in self.open:
            if kept.evidence is not None:
                self.open_of[_owner(kept.evidence)].append(kept.evidence)
        cards = self._scorecards(inventory)
        seen = self._seen(settings, results) | self.shown.agents
        fleet = Fleet(
            project=settings.agent_name or root.resolve().name,
            at=moment_text(self.now),
            agents=tuple(self._agents(inventory, seen, cards)),
            findings=tuple(map(self._finding, self.open[:MOST_FINDINGS])),
            suites=tuple(self._suites()),
            runs=tuple(self._runs().rows(results, journals)),
            items=tuple(self._items()),
            count=self.shown.count,
            refused=tuple(self.shown.refused),
        )
        left = {
            "findings": len(self.open) - len(fleet.findings),
            "items": sum(map(len, self.shown.standings.values())) - len(fleet.items),
            "refused": self.shown.more_refused,
            "results": max(len(results) - files.MOST_RUNS, 0),
            "gameday": max(len(journals) - files.MOST_RUNS, 0),
            "gate": self.shown.decisions_left,
        }
        fleet = replace(
            fleet,
            missing=tuple(missing_of(fleet, self.shown.kinds)),
            left_out={name: number for name, number in left.items() if number},
        )
        self.pages["index.html"] = partial(fleet_html, fleet)
        self.pages["evidence.html"] = partial(evidence_html, fleet)
        return Site(fleet=fleet, pages=self.pages, scorecards=cards, inputs=inputs)

    def _runs(self) -> Runs:
        return Runs(
            root=self.order.root,
            shown=self.shown,
            pages=self.pages,
            traces=self.traces,
            proven=self.proven,
            copy=self._copy,
        )

    # -- evidence -------------------------------------------------------------------------------------

    def _items(self) -> list[ItemView]:
        """What is shown of each key, findings and what figures lead to before the rest."""
        ranks = {"slo": 1, "eval.suite": 1, "trace.stats": 1, "gate": 1, "gameday": 1}
        open_ = {kept.digest for kept in self.open}

        def rank(kept: KeptEvidence) -> tuple[int, str, str, str]:
            item = kept.evidence
            assert item is not None
            first = 0 if kept.digest in open_ else ranks.get(item.kind, 2)
            return first, item.agent, item.kind, item.subject

        return [self._item(kept) for kept in sorted(self.shown.latest, key=rank)[:MOST_ITEMS]]

    def _item(self, kept: KeptEvidence) -> ItemView:
        item = kept.evidence
        assert item is not None
        return ItemView(
            anchor=f"e-{slug(kept.digest)}",
            agent=item.agent,
            kind=item.kind,
            subject=item.subject,
            at=item.at,
            verdict=item.verdict.value,
            says=item.says,
            measures=item.measures,
            harms=item.harms,
            versions=versions_of(item),
            expires=item.expires,
            place=kept.place,
            digest=kept.digest,
            source=item.source,
            source_digest=item.source_digest,
            copy=self._copy(item.source, item.source_digest),
            trace=item.trace,
            story=self.traces.of_case(item.subject) if item.kind == "replay" else "",
            doubt=kept.reason,
        )

    def _copy(self, source: str, digest: str = "") -> str:
        """Where a copy of a source will be: reports go elsewhere, and what proves them with them."""
        path = inside(self.order.root, source)
        if path is None or path.stat().st_size > _LARGEST_COPY:
            return ""
        # Nothing that a browser would run, whatever it is called.
        suffix = ".json" if path.suffix == ".json" else ".txt"
        address = f"sources/{named(source, path.stem)}{suffix}"
        self.pages.setdefault(address, partial(copied, path, digest, self.redactor))
        return address

    def _finding(self, kept: KeptEvidence) -> FindingView:
        item = kept.evidence
        assert item is not None
        view = self._item(kept)
        page = f"findings/{named(kept.digest, f'{item.kind}-{item.subject}')}.html"
        found = FindingView(
            item=view,
            page=page,
            details=details_of(self.order.root, item),
            impacts=impacts_of(self.order.root, item),
            whole=self.proven.page_of(kept),
        )
        self.pages[page] = partial(finding_html, found)
        return found

    # -- agents ---------------------------------------------------------------------------------------

    def _seen(self, settings: Settings, results: Sequence[files.Stamp]) -> set[str]:
        """The agents that traces name, as evidence would call them."""
        names = files.agents_in_traces(self.order.root, settings, results[: files.MOST_RUNS])
        return {agent_called(settings, name) for name in names}

    def _scorecards(self, inventory: Mapping[str, Inventoried]) -> Mapping[str, Scorecard]:
        known = {*inventory, *(self.shown.agents - {UNNAMED})} or {UNNAMED}
        if not self.shown.count:
            return {}
        order = ScoreOrder(
            root=self.order.root,
            criteria=self.order.criteria,
            attestations=self.order.attestations,
            at=self.now,
        )
        agents = sorted(known)[:MOST_AGENTS]
        cards = score(order, agents, unnamed=len(known) == 1)
        for agent, card in cards.items():
            self.pages[card_page(agent)] = partial(scorecard_html, self._linked(card), root="..", back=INDEX)
        return cards

    def _linked(self, card: Scorecard) -> Scorecard:
        """The scorecard with copies of its sources in their place; one that is not here is no link."""

        def there(one: CriterionResult) -> CriterionResult:
            return replace(one, sources=self._copies(one.sources))

        dimensions = [
            replace(
                one,
                criteria=tuple(map(there, one.criteria)),
                caps=tuple(replace(cap, sources=self._copies(cap.sources)) for cap in one.caps),
            )
            for one in card.dimensions
        ]
        unsafe = tuple(replace(cap, sources=self._copies(cap.sources)) for cap in card.unsafe)
        return replace(card, dimensions=tuple(dimensions), unsafe=unsafe)

    def _copies(self, sources: Iterable[str]) -> tuple[str, ...]:
        return tuple(filter(None, map(self._copy, sources)))

    def _agents(
        self, inventory: Mapping[str, Inventoried], seen: set[str], cards: Mapping[str, Scorecard]
    ) -> Iterator[AgentView]:
        ordered = sorted({*inventory, *seen}, key=lambda name: (name not in inventory, name))
        for name in ordered:
            told = inventory.get(name, Inventoried(name=name))
            yield self._agent(told, known=name in inventory, card=cards.get(name))

    def _agent(self, told: Inventoried, *, known: bool, card: Scorecard | None) -> AgentView:
        name = told.name
        in_force = self.shown.in_force(name)
        open_ = [*self.open_of[name], *self.open_of[""]]
        unsafe = sum(bool(item.harms) for item in open_)
        cost, cost_address = self._cost(in_force)
        health = Health.WELL if in_force and known else Health.UNKNOWN
        return AgentView(
            anchor=f"a-{named(name, name)}",
            name=name,
            known=known,
            health=Health.UNSAFE if unsafe else Health.FINDINGS if open_ else health,
            owner=told.owner,
            purpose=told.purpose,
            level=None if card is None else card.level,
            page="" if card is None else card_page(name),
            findings=len(open_),
            unsafe=unsafe,
            objectives=tuple(self._objectives(name)),
            cost_usd=cost,
            cost_address=cost_address,
            items=self.shown.items[name],
            last=max((kept.evidence.at for kept in in_force if kept.evidence), default=""),
        )

    def _suites(self) -> Iterator[ItemView]:
        for agent in sorted(self.shown.standings):
            yield from map(self._item, self.shown.of_kind("eval.suite", agent))

    def _objectives(self, agent: str) -> Iterator[ObjectiveView]:
        for kept in self.shown.of_kind("slo", agent):
            item = kept.evidence
            assert item is not None
            figures = item.measures
            yield ObjectiveView(
                name=item.subject,
                verdict=item.verdict.value,
                burn_rate=figures.get("burn_rate"),
                budget_left=figures.get("budget_left_share"),
                value=figures.get("value"),
                target=figures.get("target"),
                address=self._item(kept).address,
            )

    def _cost(self, in_force: Sequence[KeptEvidence]) -> tuple[float | None, str]:
        """What a success costs: as traces tell it, else the latest suite."""
        for kind, subject in _COSTS:
            for kept in reversed(in_force):
                item = kept.evidence
                if item is None or item.kind != kind or (subject and item.subject != subject):
                    continue
                cost = item.measures.get("cost_per_success_usd")
                if cost is not None:
                    return cost, self._item(kept).address
        return None, ""


def _owner(item: Evidence) -> str:
    """Whose an item is as scorecards count it, empty for everybody's: harm of nobody known is that."""
    return "" if item.unsafe and item.agent == UNNAMED else item.agent
