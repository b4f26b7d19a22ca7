"""Options and ini keys, read without importing the core."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

import pytest

IniType: TypeAlias = Literal["string", "linelist", "bool", "float"]

# Every setting of the core (a test compares the two lists), and how ini files write it.
INI: Mapping[str, tuple[IniType, str]] = {
    "record": ("string", "none, once (where no recording exists) or all"),
    "branch": ("string", "name of the branch to replay or record"),
    "strict": ("bool", "recorded calls that nobody asked for fail the test"),
    "real_time": ("bool", "replay on the machine's clock instead of virtual time"),
    "allow_drift": (
        "bool",
        "serve the recorded answer at the same place to a changed request, and report it",
    ),
    "pace": ("float", "scale of recorded pauses between chunks: 0 plays at once, 1 as recorded"),
    "max_age_days": ("float", "older recordings are an error"),
    "golden_dir": ("string", "folder of cassettes and goldens, relative to rootdir"),
    "allowed_hosts": ("linelist", "host or host:port that a replay may reach"),
    "any_host": ("bool", "leave the host out of matching"),
    "ignore": ("linelist", "JSONPaths left out of matching"),
    "ignore_query": ("linelist", "query parameters left out of matching"),
    "match_headers": ("linelist", "headers that must match as well"),
    "ignore_headers": ("linelist", "headers that never tell equal calls apart"),
    "redact_emails": ("bool", "email addresses are secrets"),
    "redact_patterns": ("linelist", "further secrets, a line each: kind = regular expression"),
    "redact_headers": ("linelist", "further headers whose values are secrets"),
    "redact_query": ("linelist", "further query parameters whose values are secrets"),
    "redact_allow": ("linelist", "regular expressions of what is no secret"),
    "intentional": ("linelist", "module:function globs whose reads of clock and entropy are meant"),
    "attribution": ("linelist", "who calls are for, a line each: team = attribute, attribute"),
    "capture": ("bool", "collect the OpenTelemetry spans that the agent emits"),
    "prices": ("string", "file with the prices of llms"),
    "prompt_dir": ("string", "folder of the prompts that are kept as versions"),
    "evidence": ("bool", "write evidence of what tests show, for scorecards"),
    "agent_name": ("string", "what evidence calls the agent, whatever it is called elsewhere"),
}
_RECORD_MODES = ("none", "once", "all")
_PATTERNS = ("kind = regular expression", "agentops_redact_patterns = badge = B-[0-9]+")
_ATTRIBUTION = ("team = attribute, attribute", "agentops_attribution = team = team, org.team")
_NAMED = {
    "branch": "replay or record this branch of the cassettes",
    "variant": "run scenario files under this variant of their matrix",
}
_GIVEN = ("record", "branch", "strict", "real_time", "allow_drift")


def add_options(parser: pytest.Parser) -> None:
    """Add our options to the command line and our keys to ini files."""
    group = parser.getgroup("agentops", "agentops-eval: record and replay agents")

    def flag(name: str, text: str) -> None:
        group.addoption(f"--agentops-{name}", action="store_true", default=None, help=text)

    group.addoption(
        "--agentops-record",
        choices=_RECORD_MODES,
        default=None,
        help="record cassettes: none (default), once where none exists, all anew; refused when CI is set",
    )
    flag("approve", "write the traces compared in passing tests as their new goldens; refused when CI is set")
    flag("strict", "fail tests whose recordings hold calls that nobody asked for; list orphaned cassettes")
    flag("real-time", "replay on the machine's clock instead of virtual time")
    flag("allow-drift", "serve the recorded answer at the same place to a changed request, and report it")
    flag(
        "audit",
        "run every passing cassette test again with time, entropy and order varied, and say what changed",
    )
    for name, text in _NAMED.items():
        group.addoption(f"--agentops-{name}", metavar="NAME", default=None, help=text)
    group.addoption(
        "--agentops-explore",
        nargs="?",
        const="500",
        default=None,
        metavar="BUDGET",
        help="explore each agent that a chaos mark names, in so many runs (500) or such a time (60s, 5m, 2h)",
    )
    _add_keys(parser)


def _add_keys(parser: pytest.Parser) -> None:
    parser.addini(
        "agentops_prefix",
        "call our fixtures agentops_cassette and agentops_golden",
        type="bool",
        default=False,
    )
    parser.addini(
        "agentops_experiments",
        "globs of experiments to collect, from the project's root, such as chaos/*.yaml (none)",
        type="linelist",
        default=[],
    )
    for key, (kind, text) in INI.items():
        parser.addini(
            f"agentops_{key}", f"{text} (default of [tool.agentops] {key})", type=kind, default=None
        )


def from_command_line(config: pytest.Config) -> dict[str, object]:
    """Give the settings that the command line chooses."""
    found = {key: config.getoption(f"agentops_{key}") for key in _GIVEN}
    return {key: value for key, value in found.items() if value is not None}


def from_ini(config: pytest.Config) -> dict[str, object]:
    """Give the settings that the ini file chooses."""
    found = {key: _ini(config, key) for key in INI}
    values: dict[str, object] = {key: value for key, value in found.items() if value is not None}
    if "redact_patterns" in values:
        values["redact_patterns"] = _pairs(found["redact_patterns"], *_PATTERNS)
    if "attribution" in values:
        told = _pairs(found["attribution"], *_ATTRIBUTION)
        values["attribution"] = {
            what: [name.strip() for name in names.split(",")] for what, names in told.items()
        }
    return values


def _ini(config: pytest.Config, key: str) -> Any:
    name = f"agentops_{key}"
    try:
        return config.getini(name)
    except (ValueError, pytest.UsageError) as error:
        text = str(error)
        _, quote, value = text.partition("'")
        if name in text or not quote:
            raise
        # Of what its ini file holds as text, pytest names the value, but not the key.
        from agentops_eval.harness import INI_NOTATION, wrong_setting

        given = value.removesuffix("'")
        raise wrong_setting(key, given, where=ini_place(config), notation=INI_NOTATION) from None


def ini_place(config: pytest.Config) -> str:
    """Name the file that pytest's configuration stands in."""
    return "pytest's configuration" if config.inipath is None else config.inipath.name


def _pairs(lines: list[str], form: str, example: str) -> dict[str, str]:
    """Lines of the form ``name = text`` as a table."""
    pairs = [line.partition("=") for line in lines]
    wrong = next((line for line, (_, equals, _r) in zip(lines, pairs, strict=True) if not equals), None)
    if wrong is not None:
        from agentops_eval.domain import ConfigInvalid

        key = example.partition(" ")[0]
        raise ConfigInvalid(f"{wrong!r} is not of the form: {form}", where=key, remedy=example)
    return {name.strip(): text.strip() for name, _, text in pairs}


def in_ci() -> bool:
    """Whether ``CI`` is set."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def refuse_in_ci(config: pytest.Config) -> None:
    """Raise a usage error where the command line wants files written while ``CI`` is set."""
    record = config.getoption("agentops_record") or "none"
    wanted = [f"--agentops-record={record}"] if record != "none" else []
    wanted += ["--agentops-approve"] if config.getoption("agentops_approve") else []
    if not wanted or not in_ci():
        return
    from agentops_eval.domain import RecordingRefused

    refusal = RecordingRefused(
        f"{' and '.join(wanted)}: refused because CI is set",
        where=f"environment variable CI={os.environ['CI']}",
        remedy="record and approve on your machine, commit the files, and let CI replay them",
    )
    raise pytest.UsageError(str(refusal))


def header(config: pytest.Config) -> str:
    """Say in a line what holds for this session, without importing the core for it."""
    table = _pyproject(config)

    def chosen(key: str, default: str) -> str:
        option = config.getoption(f"agentops_{key}", default=None)
        value = option or os.environ.get(f"AGENTOPS_{key.upper()}") or config.getini(f"agentops_{key}")
        return str(value or table.get(key) or table.get(key.replace("_", "-")) or default)

    return f"agentops: record={chosen('record', 'none')}, goldens in {chosen('golden_dir', 'golden_traces')}"


def _pyproject(config: pytest.Config) -> Mapping[str, object]:
    try:
        text = (config.rootpath / "pyproject.toml").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return {}
    if "tool.agentops" not in text:
        return {}
    import tomllib

    try:
        table = tomllib.loads(text).get("tool", {}).get("agentops", {})
    except ValueError:  # told properly when a test needs the settings
        return {}
    return table if isinstance(table, dict) else {}
