"""Kept answers of judges: several processes, one file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from agentops_eval.harness import Settings
from agentops_eval.harness._judge_store import store_path
from agentops_eval.replay import read_cassette

WRITER = """
import sys
from pathlib import Path
from agentops_eval.domain import Chunk, Event, HttpReply, HttpRequest, KeptBody, Seam
from agentops_eval.harness import Settings
from agentops_eval.harness._judge_store import AnswerStore, store_path
from agentops_eval.harness._keys import redactor_of

settings = Settings()
path = store_path(Path(sys.argv[1]), settings, "r")
store = AnswerStore(path, settings, redactor=redactor_of(settings))
sys.stdin.read()
for number in range(5):
    body = f'{{"asks": "{sys.argv[2]}", "number": {number}}}'.encode()
    request = HttpRequest(method="POST", url="http://llm.test/v1/chat/completions", headers=(), body=body)
    reply = HttpReply(status=200, headers=(), body=KeptBody(chunks=(Chunk(data=b"{}"),)))
    event = Event(index=0, seam=Seam.HTTP, boundary="POST llm.test", request=request, outcome=reply)
    store.keep(store.key(event), event)
    store.save()
"""


def test_processes_that_save_at_once_lose_no_answer(tmp_path: Path) -> None:
    """Each answer is paid for: what another process wrote meanwhile stays."""
    words = [sys.executable, "-c", WRITER, str(tmp_path)]
    writers = [subprocess.Popen([*words, str(number)], stdin=subprocess.PIPE) for number in range(4)]
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.close()  # all begin at once
    assert [writer.wait() for writer in writers] == [0, 0, 0, 0]
    assert len(read_cassette(store_path(tmp_path, Settings(), "r")).events) == 20
