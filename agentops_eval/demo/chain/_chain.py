"""What the chain runs: its files, and its commands in order. The commands are those that a person types."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from agentops_eval.demo.desk import REQUESTS, changed_prompt, desk_prompt, openai_agent
from agentops_eval.demo.flaws import FLAWS, Flaw

VERSIONS = ("mended", "flawed")
"""Of the flawed version the desk pays back less than it should, and its other agents have planted flaws."""

SCORECARD = "scorecard"
"""The stem of the flawed version's scorecard: ``.json``, ``.md``, and ``.html``, the mended one beside it."""

SUITE = "scenarios/desk.yaml"
_FILES = {"pyproject.toml": "pyproject.toml.tmpl", SUITE: "desk.yaml", "gate.yaml": "gate.yaml"}
_OF_VERSIONS = ("gameday", "hostile-ticket", "lost-mail")
_PROMPTS = {"mended": desk_prompt, "flawed": changed_prompt}
_DESK = {"mended": "openai_agent", "flawed": "changed_openai_agent"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainStep:
    """One command of the chain: the words behind ``agentops-eval``, and the exit code that it should have.

    ``agent`` is whose evidence it writes. One that ``asks`` the llm runs while the scripted one answers.
    Words with a ``*`` stand for the files that fit.
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
        return f"AGENTOPS_AGENT_NAME={self.agent} {first}agentops-eval {words}"


def answer(text: str, *, version: str = "mended") -> str:
    """Answer a customer of the desk, in one of the versions. Raises KeyError for any other."""
    return openai_agent(text, prompt=_PROMPTS[version]())


def write_chain(directory: Path) -> None:
    """Write the project's files below ``directory``; what they replace is the chain's own."""
    wanted = {path: _template(name) for path, name in _FILES.items()}
    for version in VERSIONS:
        for name in _OF_VERSIONS:
            text = _template(f"{name}.yaml.tmpl").replace("@VERSION@", version)
            wanted[f"chaos/{name}.{version}.yaml"] = text
    for path, text in wanted.items():
        (directory / path).parent.mkdir(parents=True, exist_ok=True)
        (directory / path).write_text(text, encoding="utf-8")


def project_text() -> str:
    """The settings by which a folder is known as the chain's."""
    return _template(_FILES["pyproject.toml"])


def chain_steps() -> tuple[ChainStep, ...]:
    """The commands of the whole chain. Each version is recorded before the gate compares them."""
    return (
        *map(_replay, VERSIONS),
        *map(_suite, VERSIONS),
        *map(_traces, VERSIONS),
        *map(_gate, VERSIONS),
        *map(_explore, VERSIONS),
        *(step for version in VERSIONS for step in _checks(version)),
        *map(_gameday, VERSIONS),
        *map(_scorecard, VERSIONS),
        _page(),
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


def _traces(version: str) -> ChainStep:
    words = ("trace", "lint", f"results/{version}.jsonl.traces/*.otlp.json")
    return ChainStep(part="traces", agent=version, words=words)


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
    wanted = {"approval": "approval_bypass_on_timeout", "neighbour": "tenant_leak_in_cache"}
    return tuple(
        ChainStep(
            part="checks",
            agent=version,
            words=("chaos", "check", *_subject(module, version), "--only", name),
            ends=int(version == "flawed"),
        )
        for name, module in wanted.items()
    )


def _gameday(version: str) -> ChainStep:
    words = ("gameday", "run", f"chaos/gameday.{version}.yaml", "--out", f"gameday/{version}")
    return ChainStep(part="game day", agent=version, words=words, ends=int(version == "flawed"))


def _scorecard(version: str) -> ChainStep:
    stem = SCORECARD if version == "flawed" else f"{version}.{SCORECARD}"
    made = ("--out", f"{stem}.json", "--markdown", f"{stem}.md")
    return ChainStep(part="scorecard", agent=version, words=("scorecard", "--agent", version, *made))


def _page() -> ChainStep:
    words = ("scorecard", "--compare", "flawed,mended", "--html", f"{SCORECARD}.html")
    return ChainStep(part="report", agent="flawed", words=words)


def _subject(module: str, version: str) -> tuple[str, ...]:
    """A planted flaw's agent, with what it is run with."""
    flaw: Flaw = next(one for one in FLAWS if one.module == module)
    words = [f"{flaw.target}:{version}"]
    words += ["--world", f"{flaw.target}:World"] if flaw.in_world else []
    words += ["--approver", flaw.approver] if flaw.approver else []
    words += ["--beside", flaw.beside] if flaw.beside else []
    return tuple(words)


def _template(name: str) -> str:
    return (files("agentops_eval.demo.chain") / name).read_text(encoding="utf-8")
