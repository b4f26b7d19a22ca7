"""The scripted llm over HTTP: a server on loopback that answers by rules."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence

from agentops_eval.testing._conversation import Conversation
from agentops_eval.testing._http import Exchange, Seen
from agentops_eval.testing._rules import Choice, Rule, Rulebook
from agentops_eval.testing._service import Listening, Service


class LlmServer(Listening):
    """A scripted llm on loopback: answers by rules, and speaks like the real services.

    It knows OpenAI Chat Completions and Responses, Anthropic Messages and Gemini generateContent,
    streamed and not. Its answers depend on the conversation alone (and on ``salt``, which goes into
    the ids it gives), so that it also answers after a fault or a changed prompt. Rules with
    ``times`` are the exception.

    ``chunk_delay_s`` passes between the chunks of a stream, ``reply_delay_s`` before a reply. Only
    the last ``keep`` requests are kept in ``requests``; ``hits`` counts them all.

        with LlmServer([Rule(then=Say("Hello"))]) as server:
            OpenAI(base_url=server.url + "/v1", api_key="unused")
    """

    def __init__(
        self,
        rules: Sequence[Rule] = (),
        *,
        port: int = 0,
        salt: str = "",
        chunk_delay_s: float = 0.0,
        reply_delay_s: float = 0.0,
        keep: int = 1000,
    ) -> None:
        self.salt = salt
        self.chunk_delay_s = chunk_delay_s
        self.reply_delay_s = reply_delay_s
        self._book = Rulebook(tuple(rules))
        self._lock = threading.Lock()
        self._hits = 0
        self._seen: deque[Seen] = deque(maxlen=keep)
        self._service = Service(Exchange, owner=self, thread="agentops-llm-server", port=port)

    def __repr__(self) -> str:
        state = self.url if self._service.is_running else "stopped"
        return f"<LlmServer {state} rules={len(self._book.rules)} hits={self._hits}>"

    @property
    def url(self) -> str:
        """``http://127.0.0.1:<port>``, without a path; OpenAI's clients want ``/v1`` behind it."""
        return self._service.address

    @property
    def hits(self) -> int:
        """How many requests have reached the server."""
        return self._hits

    @property
    def requests(self) -> tuple[Seen, ...]:
        """The latest requests, oldest first."""
        with self._lock:
            return tuple(self._seen)

    def reset(self) -> None:
        """Forget what was seen and how often each rule was used."""
        with self._lock:
            self._hits = 0
            self._seen.clear()
            self._book.used.clear()

    def choose(self, conversation: Conversation) -> Choice:
        """Let the rules answer, one request at a time."""
        with self._lock:
            return self._book.answer(conversation)

    def note(self, seen: Seen) -> None:
        """Keep a request."""
        with self._lock:
            self._hits += 1
            self._seen.append(seen)

    def pause(self, seconds: float) -> None:
        """Let real time pass, until the server stops."""
        self._service.pause(seconds)
