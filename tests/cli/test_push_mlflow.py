"""``trace push`` against mlflow's own endpoint, where mlflow is installed."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_exports import EXPORT, TRACE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli._kit import Commands

MLFLOW = shutil.which("mlflow")
pytestmark = pytest.mark.skipif(MLFLOW is None, reason="mlflow is not installed: pip install mlflow")
PATIENCE_S = 180


@pytest.fixture(scope="module")
def mlflow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server of its own."""
    assert MLFLOW is not None
    folder = tmp_path_factory.mktemp("mlflow")
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    command = [MLFLOW, "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    store = ["--backend-store-uri", f"sqlite:///{folder}/store.db"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([*command, *store], cwd=folder, stdout=log, stderr=log)
    try:
        _wait_for(f"http://127.0.0.1:{port}/health", server, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text(errors="replace")[-3000:]
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
    pytest.fail(f"mlflow did not answer within {PATIENCE_S} s: {log.read_text(errors='replace')[-3000:]}")


@pytest.mark.parametrize("encoding", ["protobuf", "json"])
def test_mlflow_takes_the_spans_and_finds_them(ae: Commands, mlflow: str, encoding: str) -> None:
    """A pushed trace is accepted in both encodings and is among the traces that mlflow lists."""
    trace = TRACE[:-1] + {"protobuf": "1", "json": "2"}[encoding]
    (ae.folder / "prod.jsonl").write_text(json.dumps(EXPORT).replace(TRACE, trace))
    words = ["--endpoint", f"{mlflow}/v1/traces", "--header", "x-mlflow-experiment-id=0"]
    done = ae("trace", "push", "prod.jsonl", *words, "--encoding", encoding, "--json")
    assert (done.code, done.document["accepted"]) == (0, 3), done
    location = {"type": "MLFLOW_EXPERIMENT", "mlflow_experiment": {"experiment_id": "0"}}
    request = urllib.request.Request(
        f"{mlflow}/api/3.0/mlflow/traces/search",
        data=json.dumps({"locations": [location]}).encode(),
        headers={"content-type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as reply:
        assert trace in reply.read().decode()
