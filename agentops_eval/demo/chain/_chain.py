"""What the chain runs: its files, and its commands in order. The commands are those that a person types."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

from agentops_eval.demo.desk import REQUESTS, changed_prompt, desk_prompt, openai_agent
from agentops_eval.demo.flaws import FLAWS, Flaw

VERSIONS = ("mended", "flawed")
"""Of the flawed version the desk pays back less than it should, and its other agents have planted flaws."""

SCORECARD = "scorecard"
"""The stem of the flawed version's scorecard: ``.json``, ``.md``, and ``.html``, the mended one beside it."""

REPORT = "report/index.html"
"""The page from which everything opens: both versions, what was found, and what proves it."""

RUNBOOKS = "runbooks"
"""The folder of what to do when that happens which was shown."""

SUITE = "scenarios/desk.yaml"
SIGNED = "attestations.yaml"
_FILES = {
    "pyproject.toml": "pyproject.toml.tmpl",
    SUITE: "desk.yaml",
    SIGNED: "attestations.yaml.tmpl",
    "gate.yaml": "gate.yaml",
    "prices.yaml": "prices.yaml.tmpl",
}
_SIGNED_FOR = timedelta(days=90)
_OF_VERSIONS = ("gameday", "hostile-ticket", "lost-mail")
_CHECKS = {
    "retry_without_key": "idempotency,resume,backoff,budget,backpressure",
    "missing_timeout": "timeouts",
    "breaker_never_recloses": "breaker",
    "approval_bypass_on_timeout": "approval",
    "tenant_leak_in_cache": "neighbour",
}
"""The rules that agents with a flaw break, and some that they keep in spite of it."""
_PROMPTS = {"mended": desk_prompt, "flawed": changed_prompt}
_DESK = {"mended": "openai_agent", "flawed": "changed_openai_agent"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainStep:
    """One command of the chain: the words behind ``agentops-eval``, and the exit code that it should have.

    ``agent`` is whose evidence it writes, empty where it is about both. One that ``asks`` the llm runs while
    the scripted one answers. Words with a ``*`` stand for the files that fit.
    """

    part: str
    agent: str
    words: Sequence[str]
    ends: int = 0
    asks: bool = False

    @property
    def command(self) -> str:
        """The command to paste, in the project's folder."""
        first = "python -m agentops_eval.demo " if self.asks else ""
        words = " ".join(word if "*" in word else shlex.quote(word) for word in self.words)
        whose = f"AGENTOPS_AGENT_NAME={self.agent} " if self.agent else ""
        return f"{whose}{first}agentops-eval {words}"


def answer(text: str, *, version: str = "mended") -> str:
    """Answer a customer of the desk, in one of the versions. Raises KeyError for any other."""
    return openai_agent(text, prompt=_PROMPTS[version]())


def write_chain(directory: Path, *, today: date) -> None:
    """Write the project's files below ``directory``; what they replace is the chain's own.

    Prices hold, and roles sign, ``today``.
    """
    dates = {"@TODAY@": today.isoformat(), "@EXPIRES@": (today + _SIGNED_FOR).isoformat()}
    wanted = {path: _template(name, **dates) for path, name in _FILES.items()}
    for version in VERSIONS:
        for name in _OF_VERSIONS:
            wanted[f"chaos/{name}.{version}.yaml"] = _template(f"{name}.yaml.tmpl", **{"@VERSION@": version})
    for path, text in wanted.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_text(text, encoding="utf-8")


def chain_steps() -> tuple[ChainStep, ...]:
    """The commands of the whole chain. Each version is recorded before the gate compares them."""
    return (
        *map(_replay, VERSIONS),
        *map(_suite, VERSIONS),
        *(step for version in VERSIONS for step in _traces(version)),
        *map(_gate, VERSIONS),
        *map(_explore, VERSIONS),
        *(step for version in VERSIONS for step in _checks(version)),
        *map(_gameday, VERSIONS),
        ChainStep(part="runbooks", agent="", words=("ops", "runbooks", "--out", RUNBOOKS)),
        *map(_scorecard, VERSIONS),
        *_pages(),
    )


def _replay(version: str) -> ChainStep:
    recording = ("--cassette", "desk-openai.cassette.jsonl", "--golden", "desk-openai.otlp.jsonl")
    words = ("replay", f"agentops_eval.demo.desk:{_DESK[version]}", REQUESTS["refund"], *recording)
    return ChainStep(part="replay", agent=version, words=words, ends=0 if version == "mended" else 1)


def _suite(version: str) -> ChainStep:
    variant = () if version == "mended" else ("--variant", version)
    made = ("--record", "all", "--out", f"results/{version}.jsonl", "--report", f"results/{version}.html")
    words = ("eval", "run", SUITE, *variant, *made)
    return ChainStep(part="suite", agent=version, words=words, ends=int(bool(variant)), asks=True)


def _traces(version: str) -> tuple[ChainStep, ...]:
    """What the suite's runs tell an operator: whether it is enough, what they came to, and who approved."""
    asked = {"lint": "lint", "levels": "stats", "audit": "audit"}
    return tuple(
        ChainStep(
            part=part,
            agent=version,
            words=("trace", command, f"results/{version}.jsonl.traces/*.otlp.json"),
        )
        for part, command in asked.items()
    )


def _gate(version: str) -> ChainStep:
    other = next(one for one in VERSIONS if one != version)
    words = ("--baseline", f"results/{other}.jsonl", "--candidate", f"results/{version}.jsonl")
    ends = 0 if version == "mended" else 30
    made = ("--report", f"gate/{version}.html")
    return ChainStep(part="gate", agent=version, words=("gate", "decide", *words, *made), ends=ends)


def _explore(version: str) -> ChainStep:
    words = ("chaos", "explore", *_subject("retry_without_key", version), "--depth", "1", "--out", "tests")
    return ChainStep(part="exploration", agent=version, words=words, ends=int(version == "flawed"))


def _checks(version: str) -> tuple[ChainStep, ...]:
    return tuple(
        ChainStep(
            part="checks",
            agent=version,
            words=("chaos", "check", *_subject(module, version), "--only", names),
            ends=int(version == "flawed"),
        )
        for module, names in _CHECKS.items()
    )


def _gameday(version: str) -> ChainStep:
    words = ("gameday", "run", f"chaos/gameday.{version}.yaml", "--out", f"gameday/{version}")
    return ChainStep(part="game day", agent=version, words=words, ends=int(version == "flawed"))


def _scorecard(version: str) -> ChainStep:
    stem = SCORECARD if version == "flawed" else f"{version}.{SCORECARD}"
    made = ("--out", f"{stem}.json", "--markdown", f"{stem}.md")
    words = ("scorecard", "--agent", version, "--attestations", SIGNED, *made)
    return ChainStep(part="scorecard", agent=version, words=words)


def _pages() -> tuple[ChainStep, ...]:
    """Both scorecards on one page, and the pages of the whole project."""
    signed = ("--attestations", SIGNED)
    beside = ("scorecard", "--compare", "flawed,mended", *signed, "--html", f"{SCORECARD}.html")
    whole = ("report", "build", *signed, "--out", str(Path(REPORT).parent))
    return (
        ChainStep(part="comparison", agent="", words=beside),
        ChainStep(part="report", agent="", words=whole),
    )


def _subject(module: str, version: str) -> tuple[str, ...]:
    """A planted flaw's agent, with what it is run with."""
    flaw: Flaw = next(one for one in FLAWS if one.module == module)
    words = [f"{flaw.target}:{version}"]
    words += ["--world", f"{flaw.target}:World"] if flaw.in_world else []
    words += ["--approver", flaw.approver] if flaw.approver else []
    words += ["--beside", flaw.beside] if flaw.beside else []
    return tuple(words)


def _template(name: str, **filled: str) -> str:
    text = (files("agentops_eval.demo.chain") / name).read_text(encoding="utf-8")
    for mark, value in filled.items():
        text = text.replace(mark, value)
    return text
