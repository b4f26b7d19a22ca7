"""Any sequence of requests: the server is what a model says, and the adapter takes everything back."""

from __future__ import annotations

from contextlib import ExitStack

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from agentops_eval.chaos.toxiproxy import EmbeddedServer, Toxiproxy
from agentops_eval.domain import ToxiproxyRefused
from tests.chaos.toxiproxy._kit import Raw

NAMES = st.sampled_from(["p", "q", "r/s"])
TOXICS = st.sampled_from(["t", "u"])
TYPES = st.sampled_from(["latency", "limit_data", "slow_close"])
STREAMS = st.sampled_from(["upstream", "downstream"])
VALUES = st.integers(0, 3)
UPSTREAMS = st.sampled_from(["127.0.0.1:9", "127.0.0.1:10"])
ATTRIBUTE = {"latency": "latency", "limit_data": "bytes", "slow_close": "delay"}


class AgainstModel(RuleBasedStateMachine):
    """The API beside a dictionary that does the same."""

    def __init__(self):
        super().__init__()
        self.stack = ExitStack()
        self.raw = Raw(self.stack.enter_context(EmbeddedServer()).url)
        self.model = {}

    def path(self, name, *more):
        return "/".join(["/proxies", name.replace("/", "%2F"), *more])

    @rule(name=NAMES, upstream=UPSTREAMS, enabled=st.booleans())
    def create(self, name, upstream, enabled):
        """A proxy that is there is refused, another one appears."""
        body = {"name": name, "upstream": upstream, "enabled": enabled}
        status, document = self.raw.ask("POST", "/proxies", body)
        if name in self.model:
            assert status == 409
        else:
            assert status == 201
            self.model[name] = {**body, "listen": document["listen"], "toxics": {}}

    @rule(name=NAMES, upstream=UPSTREAMS)
    def populate(self, name, upstream):
        """An equal proxy stays, a different one is made anew."""
        there = self.model.get(name)
        body = {"name": name, "upstream": upstream, "listen": there["listen"] if there else "127.0.0.1:0"}
        status, document = self.raw.ask("POST", "/populate", [body])
        assert status == 201
        if there is None or there["upstream"] != upstream:
            made = document["proxies"][0]
            self.model[name] = {**body, "enabled": True, "listen": made["listen"], "toxics": {}}

    @rule(name=NAMES, upstream=UPSTREAMS | st.none(), enabled=st.booleans() | st.none())
    def update(self, name, upstream, enabled):
        """What is named changes; a port that was chosen once is kept."""
        wanted = {"upstream": upstream, "enabled": enabled}
        body = {key: value for key, value in wanted.items() if value is not None}
        status, document = self.raw.ask("PATCH", self.path(name), body)
        assert status == (200 if name in self.model else 404)
        if status == 200:
            self.model[name].update(body, listen=document["listen"])

    @rule(name=NAMES)
    def delete(self, name):
        """A proxy goes away with its toxics."""
        status, _ = self.raw.ask("DELETE", self.path(name))
        assert status == (204 if self.model.pop(name, None) else 404)

    @rule(name=NAMES, toxic=TOXICS, type_=TYPES, stream=STREAMS, value=VALUES)
    def add(self, name, toxic, type_, stream, value):
        """A toxic's name is free or taken for both streams together."""
        body = {"name": toxic, "type": type_, "stream": stream, "attributes": {ATTRIBUTE[type_]: value}}
        status, document = self.raw.ask("POST", self.path(name, "toxics"), body)
        if name not in self.model:
            assert status == 404
        elif toxic in self.model[name]["toxics"]:
            assert status == 409
        else:
            assert status == 200
            self.model[name]["toxics"][toxic] = document

    @rule(name=NAMES, toxic=TOXICS, value=VALUES, toxicity=st.sampled_from([None, 0.0, 0.5]))
    def change(self, name, toxic, value, toxicity):
        """What is named changes, and nothing else."""
        there = self.model.get(name, {"toxics": {}})["toxics"].get(toxic)
        body = {"attributes": {ATTRIBUTE[there["type"]]: value} if there else {}}
        if toxicity is not None:
            body["toxicity"] = toxicity
        status, _ = self.raw.ask("PATCH", self.path(name, "toxics", toxic), body)
        assert status == (200 if there else 404)
        if there:
            there["attributes"].update(body["attributes"])
            there["toxicity"] = body.get("toxicity", there["toxicity"])

    @rule(name=NAMES, toxic=TOXICS)
    def remove(self, name, toxic):
        """A toxic goes away."""
        there = self.model.get(name, {"toxics": {}})["toxics"].pop(toxic, None)
        assert self.raw.ask("DELETE", self.path(name, "toxics", toxic))[0] == (204 if there else 404)

    @rule()
    def reset(self):
        """All proxies are up, and no toxic is left."""
        assert self.raw.ask("POST", "/reset") == (204, None)
        shown = self.raw.ask("GET", "/proxies")[1]
        for name, proxy in self.model.items():
            proxy.update(enabled=True, toxics={}, listen=shown[name]["listen"])

    @invariant()
    def is_as_the_model(self):
        """What the server shows is the model, upstream's toxics first."""
        _, shown = self.raw.ask("GET", "/proxies")
        assert shown == {
            name: {
                **proxy,
                "toxics": sorted(proxy["toxics"].values(), key=lambda toxic: toxic["stream"] != "upstream"),
            }
            for name, proxy in self.model.items()
        }

    def teardown(self):
        """The server ends with the machine."""
        self.stack.close()


class TakesBack(RuleBasedStateMachine):
    """An adapter at work on a server that is not empty; closing it leaves the server as it was."""

    def __init__(self):
        super().__init__()
        self.stack = ExitStack()
        self.url = self.stack.enter_context(EmbeddedServer()).url
        self.raw = Raw(self.url)
        self.adapter = None

    @initialize(enabled=st.booleans(), value=VALUES)
    def begin(self, enabled, value):
        """Somebody else's proxies and toxics are there already."""
        for name in ("p", "q"):
            made = {"name": name, "upstream": "127.0.0.1:9"}
            assert self.raw.ask("POST", "/proxies", made)[0] == 201
        toxic = {"name": "t", "type": "latency", "attributes": {"latency": value}}
        self.raw.ask("POST", "/proxies/p/toxics", toxic)
        self.raw.ask("PATCH", "/proxies/q", {"enabled": enabled})
        self.before = self.raw.ask("GET", "/proxies")[1]
        self.adapter = Toxiproxy(self.url)

    def attempt(self, act):
        """What the server refuses has changed nothing."""
        try:
            act()
        except ToxiproxyRefused:
            pass

    @rule(name=NAMES, upstream=UPSTREAMS)
    def create(self, name, upstream):
        """Add a proxy."""
        self.attempt(lambda: self.adapter.create(upstream, name))

    @rule(name=NAMES, upstream=UPSTREAMS)
    def populate(self, name, upstream):
        """Add or replace one."""
        self.attempt(lambda: self.adapter.populate([{"name": name, "upstream": upstream}]))

    @rule(name=NAMES)
    def destroy(self, name):
        """Remove one, whosever it is."""
        self.attempt(lambda: self.adapter.proxy(name).destroy())

    @rule(name=NAMES, enabled=st.booleans(), upstream=UPSTREAMS | st.none())
    def update(self, name, enabled, upstream):
        """Take one up or down, or lead it elsewhere."""
        self.attempt(lambda: self.adapter.proxy(name).update(enabled=enabled, upstream=upstream))

    @rule(name=NAMES)
    def down(self, name):
        """Take one down for a while."""

        def act():
            with self.adapter.proxy(name).down():
                pass

        self.attempt(act)

    @rule(name=NAMES, toxic=TOXICS, type_=TYPES, stream=STREAMS)
    def add(self, name, toxic, type_, stream):
        """Add a toxic."""
        self.attempt(lambda: self.adapter.proxy(name).add_toxic(type=type_, name=toxic, stream=stream))

    @rule(name=NAMES, toxic=TOXICS, toxicity=st.sampled_from([0.0, 0.5]))
    def change(self, name, toxic, toxicity):
        """Change one, whosever it is."""
        self.attempt(lambda: self.adapter.proxy(name).update_toxic(toxic, toxicity=toxicity))

    @rule(name=NAMES, toxic=TOXICS)
    def remove(self, name, toxic):
        """Remove one, whosever it is."""
        self.attempt(lambda: self.adapter.proxy(name).destroy_toxic(toxic))

    @rule()
    def reset(self):
        """Everybody's toxics are gone."""
        self.adapter.reset()

    def teardown(self):
        """Closing the adapter puts everything back."""
        if self.adapter is not None:
            self.adapter.close()
            assert self.raw.ask("GET", "/proxies")[1] == self.before
            assert len(self.adapter.ledger) == 0
        self.stack.close()


TestAgainstModel = AgainstModel.TestCase
TestAgainstModel.settings = settings(max_examples=20, stateful_step_count=15, deadline=None)
TestTakesBack = TakesBack.TestCase
TestTakesBack.settings = settings(max_examples=20, stateful_step_count=12, deadline=None)
