"""A gate file, files of samples, and a server of a process of its own."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.cli._kit import COMMAND, environment

Row = dict[str, object]


def append(path: Path, rows: Iterable[Row]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def pairs(count: int, *, rate: float, seed: int, first: int = 0) -> list[Row]:
    chance = random.Random(seed)
    return [{"case": f"c{first + at}", "passed": chance.random() < rate} for at in range(count)]


def traffic(
    count: int, *, share: float, rates: tuple[float, float], seed: int, start: float, stage: str
) -> tuple[list[Row], list[Row]]:
    """One session a second, split by chance between the baseline and the candidate."""
    chance = random.Random(seed)
    arms: tuple[list[Row], list[Row]] = ([], [])
    for at in range(count):
        mine = chance.random() < share
        row: Row = {"case": f"{stage}-{at}", "at": start + at, "stage": stage}
        arms[mine].append({**row, "passed": chance.random() < rates[mine], "unapproved_payments": 0})
    return arms


@contextmanager
def serving(folder: Path, *words: object) -> Iterator[str]:
    """``gate serve`` on a free port; gives its address, and ends it as Ctrl-C does."""
    command = [*COMMAND, "gate", "serve", "--port", "0", *map(str, words)]
    with subprocess.Popen(
        command, cwd=folder, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        try:
            said = server.stdout.readline()
            assert said.startswith("serving http://"), server.stderr and server.stderr.read()
            yield said.split()[1]
        finally:
            os.kill(server.pid, signal.SIGINT)
            server.communicate(timeout=20)
    assert server.returncode == 0


def asked(url: str, body: Any = None) -> tuple[int, Any]:
    """The status and the document of an answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)
