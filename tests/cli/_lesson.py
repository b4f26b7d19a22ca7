"""A tutorial as a reader follows it: files are written, commands are run, what it shows is compared."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agentops_eval.demo import demo_rules
from agentops_eval.demo.__main__ import environment as environment_of_llm
from agentops_eval.testing import LlmServer
from tests.cli._kit import ROOT, UNWANTED, Commands, environment

if TYPE_CHECKING:
    import pytest

_BLOCK = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NAMED = re.compile(r"`([\w./-]+\.\w+)`[^`\n]*:\n\n$")
_WITH_LLM = "python -m agentops_eval.demo "


@dataclass(frozen=True, slots=True)
class Step:
    """A file to write, or a command to type; and what the page shows of it."""

    file: str = ""
    command: str = ""
    shown: str = ""


def steps(page: str) -> Iterator[Step]:
    """Every block of the page: a file that the line above names, or a session of commands.

    A block that is neither would go untested: an AssertionError.
    """
    for block in _BLOCK.finditer(page):
        text, named = block[1], _NAMED.search(page, 0, block.start())
        if text.startswith("$ "):
            for command, shown in re.findall(r"^\$ ((?:.*\\\n)*.*)\n((?:(?!\$ ).*\n)*)", text, re.MULTILINE):
                yield Step(command=command.replace("\\\n", ""), shown=shown)
        else:
            assert named is not None, f"neither a file nor a session:\n{text}"
            yield Step(file=named[1], shown=text)


class Lesson:
    """Follows the steps in a folder beside a clone, at 80 columns. Commands of ours run in this process."""

    def __init__(self, above: Path, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self._above, self._patch, self._code = above, patch, 0
        self._asked: set[str] = set()
        for name in (*UNWANTED, "CI"):
            patch.delenv(name, raising=False)
        patch.setenv("COLUMNS", "80")
        patch.setattr(sys, "dont_write_bytecode", True)  # files are edited within a second
        patch.setattr(sys, "path", sys.path[:])
        clone = above / "agentops-eval"
        clone.mkdir()
        (clone / "docs").symlink_to(ROOT / "docs", target_is_directory=True)
        self._ae = Commands(clone, capsys, patch)

    def follow(self, page: str) -> int:
        """Take every step of the page, and give how many commands were run."""
        count = 0
        todo = [*steps(page)]
        for at, step in enumerate(todo):
            if step.file:
                Path(step.file).parent.mkdir(parents=True, exist_ok=True)
                Path(step.file).write_text(step.shown, encoding="utf-8")
                self._patch.delitem(sys.modules, Path(step.file).stem, raising=False)  # another test's
                continue
            said = self._run(step.command)
            expected = at + 1 < len(todo) and todo[at + 1].command == "echo $?"
            assert expected or self._code in (0, 1), (step.command, self._code, said)
            told = f"$ {step.command}\n{said[:3_000]}"
            assert not step.shown or _pattern(step.shown).fullmatch(said), told
            count += 1
        return count

    def _run(self, command: str) -> str:
        if command == "echo $?":
            said, self._code = f"{self._code}\n", 0
            return said
        if command.startswith("cd "):
            self._patch.chdir(os.path.normpath(Path.cwd() / command[3:]))
            return ""
        if command.startswith(_WITH_LLM):
            with LlmServer(demo_rules()) as server, self._patch.context() as patch:
                for name, value in environment_of_llm(server.url).items():
                    patch.setenv(name, value)
                return self._ours(command.removeprefix(_WITH_LLM))
        return self._ours(command) if command.startswith("agentops-eval ") else self._other(command)

    def _ours(self, command: str) -> str:
        if command in self._asked:  # a reader is slower: of two facts of one second the failure counts
            time.sleep(1 - time.time() % 1)
        self._asked.add(command)
        self._patch.setattr(sys, "argv", command.split())
        done = self._ae.paste(command)
        self._code = done.code
        for name, module in [*sys.modules.items()]:  # the next command is a process of its own, for a reader
            if str(getattr(module, "__file__", None) or "").startswith(str(self._above)):
                del sys.modules[name]
        return done.out + done.err

    def _other(self, command: str) -> str:
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        done = subprocess.run(
            ["sh", "-c", command],
            env=environment(PATH=path),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        self._code = done.returncode
        return done.stdout


def _pattern(shown: str) -> re.Pattern[str]:
    """What is shown, with any text for ``…`` in a line, and any lines for one alone."""
    lines = [
        r"(?:.*\n)*?" if text == "…" else re.escape(text).replace("…", ".*") + r" *\n"
        for text in shown.splitlines()
    ]
    return re.compile("".join(lines))
