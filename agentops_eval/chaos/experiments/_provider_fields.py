"""The fields of each kind of provider, and of each kind of tolerance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from agentops_eval.chaos.experiments._fields import Configured, Name, Seconds, told

Whole = Annotated[int, Meta(ge=0)]


class PythonFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """A function of the user's own project."""

    type: Literal["python"]
    module: Annotated[Name, told("A module below the project's root.")]
    func: Annotated[Name, told("A function in it.")]
    arguments: Annotated[dict[str, Any], told("What it is called with.")] = {}
    secrets: Annotated[list[Name], told("Groups of secrets that it gets, as its argument `secrets`.")] = []


class ProcessFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """A program, started without a shell."""

    type: Literal["process"]
    path: Annotated[Name, told("The program.")]
    arguments: Annotated[
        list[Any] | dict[str, Any] | str,
        told("Its words; a text is split into them, and no shell runs it."),
    ] = []
    timeout: Annotated[Seconds | Configured | UnsetType, told("Seconds after which it is ended.")] = UNSET
    secrets: list[Name] = []


class HttpFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """A request to loopback, or to a host that the experiment allows."""

    type: Literal["http"]
    url: Annotated[Name, told("What is asked.")]
    method: Annotated[Name, told("The verb.")] = "GET"
    headers: Annotated[dict[str, str], told("Headers of the request.")] = {}
    arguments: Annotated[Any, told("Of a GET the query, else the body.")] = UNSET
    timeout: Annotated[Any, told("Seconds, or those to connect and to read.")] = UNSET
    verify_tls: Annotated[bool, told("Whether certificates are checked.")] = True
    max_retries: Annotated[Whole, told("Of no effect: nothing is asked again.")] = 0
    secrets: list[Name] = []


class LimitsFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """What an agent's run may take."""

    deadline: Annotated[Seconds | UnsetType, told("Virtual seconds.")] = UNSET
    calls: Annotated[Whole | UnsetType, told("Calls.")] = UNSET
    repeats: Annotated[Whole | UnsetType, told("How often it may make the same call.")] = UNSET


class FaultFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """A fault and which calls it hits, as schedules write it."""

    fault: Annotated[Name, told("Its kind: `agentops-eval chaos faults` lists them.")]
    parameters: Annotated[dict[str, Any], told("What its kind takes.")] = {}
    target: Annotated[str, told("Whom it hits, a glob over what is called.")] = "*"
    site: Annotated[str, told("One execution index.")] = ""
    nth: Annotated[list[Annotated[int, Meta(ge=1)]], told("Which of the calls that fit, from 1.")] = []
    first: Annotated[Annotated[int, Meta(ge=1)], told("The first that is hit.")] = 1
    last: Annotated[Annotated[int, Meta(ge=1)] | None, told("The last that is hit.")] = None
    probability: Annotated[
        Annotated[float, Meta(ge=0, le=1)], told("How likely each is hit; drawn from the seed.")
    ] = 1.0


class AgentFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """An agent's run under faults, judged against its contract. It gives the run's impact."""

    type: Literal["agent"]
    agent: Annotated[Name, told("`module:callable`.")]
    arguments: Annotated[list[str], told("The words that it is called with.")] = []
    faults: Annotated[list[FaultFields], told("The faults of its run; none by default.")] = []
    seed: Annotated[int, told("Of whatever the faults draw.")] = 0
    cassette: Annotated[Name | UnsetType, told("Its recording.")] = UNSET
    answers: Annotated[
        Literal["recording", "world"] | UnsetType, told("Who answers: the recording, or the world behind it.")
    ] = UNSET
    world: Annotated[Name | UnsetType, told("`module:callable` that lays out its world.")] = UNSET
    approver: Annotated[Name | UnsetType, told("Who answers its questions to people.")] = UNSET
    contract: Annotated[Name | UnsetType, told("The file that declares how it may degrade.")] = UNSET
    limits: Annotated[LimitsFields | UnsetType, told("What its run may take.")] = UNSET


class ImpactFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """A look at what faults did to an agent: true where everything that is asked for is so.

    Before that run it looks at the one without faults.
    """

    type: Literal["impact"]
    of: Annotated[Name, told("The name of the activity whose run is looked at.")]
    mode: Annotated[list[str] | UnsetType, told("The modes that are accepted.")] = UNSET
    harms: Annotated[list[str] | UnsetType, told("The harms that are accepted; none with `[]`.")] = UNSET
    tools: Annotated[list[str] | UnsetType, told("The tools that may differ, as globs.")] = UNSET
    steps: Annotated[
        Annotated[float, Meta(ge=0)] | UnsetType, told("The share of steps that may differ.")
    ] = UNSET
    hops: Annotated[Whole | UnsetType, told("How far it may reach.")] = UNSET
    effects: Annotated[
        list[Literal["missing", "extra", "duplicated"]] | UnsetType,
        told("How effects may differ; not at all with `[]`."),
    ] = UNSET
    retries: Annotated[
        Annotated[float, Meta(ge=0)] | UnsetType, told("How many times as many calls there may be.")
    ] = UNSET


class ToxicFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """A toxic, with the parameters of its type."""

    type: Annotated[
        Literal["latency", "bandwidth", "slow_close", "timeout", "reset_peer", "slicer", "limit_data"],
        told("What it does to the wire."),
    ]
    name: Annotated[Name | UnsetType, told("What it is called; by default a name that nothing else has.")] = (
        UNSET
    )
    stream: Annotated[Literal["upstream", "downstream"], told("Which direction.")] = "downstream"
    toxicity: Annotated[Annotated[float, Meta(ge=0, le=1)], told("The share of connections.")] = 1.0
    attributes: Annotated[dict[str, Any], told("Its parameters, such as `latency: 1000`.")] = {}


class ToxiproxyFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """A change to a proxy of Toxiproxy, undone at the end whatever happens. A probe gives its state."""

    type: Literal["toxiproxy"]
    proxy: Annotated[Name, told("The proxy's name.")]
    toxic: Annotated[ToxicFields | UnsetType, told("A toxic to add.")] = UNSET
    remove: Annotated[Name | UnsetType, told("A toxic to remove, by its name.")] = UNSET
    enabled: Annotated[bool | UnsetType, told("Let the proxy accept connections, or refuse them.")] = UNSET
    url: Annotated[Name | UnsetType, told("The server; by default `TOXIPROXY_URL`.")] = UNSET


PROVIDERS: Mapping[str, type[Struct]] = {
    "python": PythonFields,
    "process": ProcessFields,
    "http": HttpFields,
    "agent": AgentFields,
    "impact": ImpactFields,
    "toxiproxy": ToxiproxyFields,
}
"""By what a file calls them."""


class RegexFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """A regular expression that is found."""

    type: Literal["regex"]
    pattern: str
    target: str = ""


class JsonpathFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """A JSON path that finds something."""

    type: Literal["jsonpath"]
    path: Name
    target: str = ""
    count: Whole | UnsetType = UNSET
    expect: Any = UNSET


class RangeFields(Struct, forbid_unknown_fields=True, kw_only=True):
    """A range of numbers, ends included."""

    type: Literal["range"]
    range: Annotated[list[int | float], Meta(min_length=2, max_length=2)]
    target: str = ""


TOLERANCES: Mapping[str, type[Struct]] = {
    "regex": RegexFields,
    "jsonpath": JsonpathFields,
    "range": RangeFields,
}
"""The structures that a tolerance may be, besides a probe."""
