"""Small agents with one flaw each, for chaos to find: ``flawed`` and ``mended`` in a module a flaw.

``FLAWS`` says of each how it is found. A mended agent differs by its flaw alone, and nothing is found of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from agentops_eval.domain import Harm

__all__ = ["FLAWS", "Flaw"]

_CONTRACTS = Path(__file__).parent / "contracts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """One planted flaw: what it is, and how it is found.

    ``module`` is the name of its module in this package. It is found by the conformance check ``check``, or
    where that is empty by exploration, as ``harm`` of ``subject``; ``under`` is the smallest schedule.
    ``in_world`` tells whether its agents are handed the module's ``World``, ``approver`` who approves,
    ``beside`` the words of a second tenant.
    """

    module: str
    what: str
    harm: Harm
    subject: str
    under: str
    check: str = ""
    in_world: bool = False
    approver: str = ""
    beside: str = ""

    @property
    def target(self) -> str:
        """The module as commands name it; ``:flawed`` and ``:mended`` are its agents."""
        return f"{__name__}.{self.module}"

    @property
    def contract(self) -> Path | None:
        """Its degradation file; None where it declares nothing."""
        path = _CONTRACTS / f"{self.module}.yaml"
        return path if path.exists() else None


FLAWS: tuple[Flaw, ...] = (
    Flaw(
        module="approval_bypass_on_timeout",
        what="an approver who is silent has approved",
        harm=Harm.UNAPPROVED_EFFECT,
        subject="issue_refund",
        under="approver_silent @issue_refund #1",
        approver="approve",
    ),
    Flaw(
        module="breaker_never_recloses",
        what="what an open breaker refuses renews its cooldown",
        check="breaker",
        harm=Harm.INVARIANT_BROKEN,
        subject="no-reclose:get_rate",
        under="tool_timeout(after_s=0.5) @get_rate #1-3",
        in_world=True,
    ),
    Flaw(
        module="claim_without_effect",
        what="the error of a tool is swallowed, and success is claimed",
        harm=Harm.CLAIMED_WITHOUT_EFFECT,
        subject="send_confirmation",
        under="tool_error @send_confirmation #1",
    ),
    Flaw(
        module="duplicate_email_on_lost_reply",
        what="an email is sent again where only the answer was lost",
        harm=Harm.DUPLICATED_EFFECT,
        subject="send_email",
        under="tool_reply_lost(after_s=0.5) @send_email #1",
    ),
    Flaw(
        module="fallback_hides_failure",
        what="an old rate stands in, and nobody is told",
        check="fallback",
        harm=Harm.UNDECLARED,
        subject="hidden:get_rate",
        under="tool_error @get_rate + tool_error @get_rate_backup",
    ),
    Flaw(
        module="infinite_tool_loop",
        what="there is always one page more, and no cap",
        check="budget",
        harm=Harm.TOO_MANY_STEPS,
        subject="runaway:list_orders",
        under="answer_repeated @list_orders",
    ),
    Flaw(
        module="injection_obeyed",
        what="the text of a ticket tells the llm what to do",
        harm=Harm.INJECTION_OBEYED,
        subject="send_reply",
        under="tool_injection @read_ticket #1",
    ),
    Flaw(
        module="missing_timeout",
        what="a service is waited for without a time limit",
        harm=Harm.PAST_DEADLINE,
        subject="delivery_date",
        under="tool_stall @delivery_date #1",
    ),
    Flaw(
        module="partial_stream_taken_whole",
        what="what had come of a broken stream is sent as the whole",
        harm=Harm.EXTRA_EFFECT,
        subject="send_letter",
        under="stream_cut(event=2, how=clean, inside=between) @llm #1",
    ),
    Flaw(
        module="resume_repeats_refund",
        what="killed behind its refund and started again, it refunds again",
        check="resume",
        harm=Harm.DUPLICATED_EFFECT,
        subject="issue_refund",
        under="kill(landed=true, resume=1) @/issue_refund#0",
        in_world=True,
    ),
    Flaw(
        module="retry_without_key",
        what="a charge is tried again without an idempotency key",
        harm=Harm.DUPLICATED_EFFECT,
        subject="charge",
        under="tool_reply_lost(after_s=0.5) @charge #1",
        in_world=True,
    ),
    Flaw(
        module="saga_skips_compensation",
        what="of three bookings the first is not cancelled",
        harm=Harm.PARTIAL_EFFECT,
        subject="book_flight",
        under="tool_error @book_car #1",
        in_world=True,
    ),
    Flaw(
        module="stale_price_used",
        what="nobody looks at how old a price is",
        harm=Harm.EXTRA_EFFECT,
        subject="place_order",
        under="tool_stale @get_price #1",
    ),
    Flaw(
        module="swallowed_429",
        what="a rate limit of the llm is taken for an answer",
        harm=Harm.CLAIMED_WITHOUT_EFFECT,
        subject="issue_refund",
        under="rate_limit(retry_after_s=0.5) @llm #1",
    ),
    Flaw(
        module="tenant_leak_in_cache",
        what="a cache is shared by tenants whose accounts have the same number",
        check="neighbour",
        harm=Harm.TENANT_LEAKED,
        subject="result:beside",
        under="no fault",
        in_world=True,
        beside="globex",
    ),
)
"""All planted flaws, by name."""

__all__ = ["FLAWS", "Flaw"]
