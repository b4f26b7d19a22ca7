"""``Retry-After``: how long a reply asks to wait, in every form in which it is said."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

from agentops_eval.domain import Headers, header


def retry_after_s(headers: Headers) -> float | None:
    """How long a reply asks to wait, in seconds; None where it does not, or not readably.

    A date counts from the reply's own ``Date``.
    """
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        text = header(headers, name).strip()
        try:
            wait_s = float(text) / unit if text else -1.0
        except ValueError:
            wait_s = _until(text, header(headers, "date"))
        if 0 <= wait_s < float("inf"):
            return wait_s
    return None


def _until(moment: str, now: str) -> float:
    try:
        return (parsedate_to_datetime(moment) - parsedate_to_datetime(now)).total_seconds()
    except (TypeError, ValueError):
        return -1.0
