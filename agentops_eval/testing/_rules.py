"""The scripted llm's brain: rules in order, the first that fits answers. Pure, without I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from agentops_eval.testing._conversation import Conversation, ToolUse
from agentops_eval.traces.llm.writing import Finish


@dataclass(frozen=True, slots=True)
class Say:
    """Answer with a text. ``finish`` is why it ends: said all, out of tokens, or filtered."""

    text: str
    finish: Finish = "stop"


@dataclass(frozen=True, slots=True)
class CallTools:
    """Ask for tools, several at once where the client allows it; ``text`` is said before."""

    uses: Sequence[ToolUse]
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail:
    """Answer with an HTTP error in the dialect's own shape. ``retry_after_s`` becomes headers."""

    status: int
    message: str = ""
    retry_after_s: float | None = None


def retry_headers(fail: Fail) -> dict[str, str]:
    """How long to wait: SDKs read the milliseconds first, other clients know only the seconds."""
    wait_s = fail.retry_after_s
    return {} if wait_s is None else {"retry-after": f"{wait_s:g}", "retry-after-ms": f"{wait_s * 1000:g}"}


@dataclass(frozen=True, slots=True)
class Cut:
    """Break the connection after ``after_chunks`` chunks of ``reply``; 0 breaks it after the headers."""

    after_chunks: int
    reply: Say | CallTools = Say("The line is about to break, and the rest will never be heard.")


Action: TypeAlias = "Say | CallTools | Fail | Cut"
When: TypeAlias = Callable[[Conversation], bool]
Then: TypeAlias = "Action | Callable[[Conversation], Action]"


def always(_: Conversation) -> bool:
    """Fit every conversation."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When a conversation is like this, answer that.

    ``then`` is an action, or a function of the conversation that gives one. ``times`` limits how
    often a server uses the rule, so that the first two requests may fail and the third not; a rule
    without it answers the same conversation alike for ever.
    """

    then: Then
    when: When = always
    times: int | None = None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which rule answers, and how. ``index`` is None where no rule fits."""

    action: Action
    index: int | None = None
    name: str = ""


_NO_USES: Mapping[int, int] = {}


def decide(
    conversation: Conversation, rules: Sequence[Rule], *, used: Mapping[int, int] = _NO_USES
) -> Choice:
    """Choose the first rule that fits and is not used up. Gives an answer always, and never raises.

    ``used`` says how often each rule, by index, has answered so far. A rule that raises is answered
    for with status 500 and its name, because silence would look like a rule that does not fit.
    """
    for index, rule in enumerate(rules):
        if rule.times is not None and used.get(index, 0) >= rule.times:
            continue
        name = rule.name or f"rule {index}"
        try:
            if not rule.when(conversation):
                continue
            action = rule.then(conversation) if callable(rule.then) else rule.then
        except Exception as error:
            broken = f"{name} of the scripted llm raised {type(error).__name__}: {error}"
            return Choice(action=Fail(status=500, message=broken), index=index, name=name)
        return Choice(action=_allowed(action, conversation), index=index, name=name)
    heard = " ".join(conversation.user.split())[:80]
    return Choice(action=Say(f"I am a scripted llm, and none of my rules fits: {heard}"), name="default")


def _allowed(action: Action, conversation: Conversation) -> Action:
    """Keep to one tool where the client forbids parallel calls; an empty list is just a text."""
    if isinstance(action, CallTools) and not action.uses:
        return Say(action.text)
    if isinstance(action, CallTools) and not conversation.parallel:
        return CallTools(action.uses[:1], action.text)
    return action


@dataclass(slots=True)
class Rulebook:
    """Rules with the count of their uses: the only state that a scripted llm has."""

    rules: tuple[Rule, ...]
    used: dict[int, int] = field(default_factory=dict)

    def answer(self, conversation: Conversation) -> Choice:
        """Decide, and count the use. Callers from several threads hold a lock around it."""
        choice = decide(conversation, self.rules, used=self.used)
        if choice.index is not None:
            self.used[choice.index] = self.used.get(choice.index, 0) + 1
        return choice
