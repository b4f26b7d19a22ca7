"""Two JSON values side by side, equal parts elided as ``...``, in few characters, safe to print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentops_eval.domain import Json, canonical_json, shorten
from agentops_eval.traces._excerpt import LONG_TEXT, elide_text, quoted
from agentops_eval.traces._text import printable

ELIDED = "..."
WINDOW = 90
SHORT_VALUE = 24
MAX_SHOWN = 8
MAX_DEPTH = 6


def elide(golden: Json, run: Json, *, limit: int = 200) -> tuple[str, str]:
    """Both sides of a difference. Equal parts stand in the golden in short, and in the run as ``...``.

    Where the golden's side would grow beyond ``limit`` characters, its equal parts are elided too.
    """
    left, right = _pair(golden, run, keep=True, depth=0)
    if len(left) > limit:
        left, right = _pair(golden, run, keep=False, depth=0)
    return shorten(left, limit), shorten(right, limit)


def elide_arguments(
    golden: Mapping[str, Json], run: Mapping[str, Json], *, limit: int = 200
) -> tuple[str, str]:
    """The same for named arguments: ``order=1042, amount=59.9``."""
    left, right = _fields(golden, run, keep=True, depth=0, form="{}={}")
    if len(left) > limit:
        left, right = _fields(golden, run, keep=False, depth=0, form="{}={}")
    return shorten(left, limit), shorten(right, limit)


def brief(value: Json, *, limit: int = SHORT_VALUE) -> str:
    """A value in short."""
    if isinstance(value, str):
        return quoted(value if len(value) <= limit else value[: limit - 3].rstrip() + ELIDED)
    if isinstance(value, (Mapping, list, tuple)) and limit <= SHORT_VALUE and len(value) > MAX_SHOWN:
        return "{...}" if isinstance(value, Mapping) else "[...]"
    return shorten(printable(_plain(value)), limit)


def brief_arguments(arguments: Mapping[str, Json], *, limit: int = 200) -> str:
    """Named arguments in short."""
    shown = [
        f"{printable(str(key))[:40]}={brief(arguments[key], limit=LONG_TEXT)}" for key in list(arguments)[:20]
    ]
    return shorten(", ".join([*shown, ELIDED] if len(arguments) > 20 else shown), limit)


def _plain(value: Json) -> str:
    if isinstance(value, float) and value.is_integer():
        return repr(value)
    try:
        return canonical_json(value, sort_keys=False)
    except (ValueError, RecursionError, TypeError):
        return f"<{type(value).__name__}>"


def _pair(golden: Json, run: Json, *, keep: bool, depth: int) -> tuple[str, str]:
    if same(golden, run):
        return (brief(golden) if keep else ELIDED), ELIDED
    if depth < MAX_DEPTH:
        if isinstance(golden, Mapping) and isinstance(run, Mapping):
            left, right = _fields(golden, run, keep=keep, depth=depth, form='"{}": {}')
            return f"{{{left}}}", f"{{{right}}}"
        if isinstance(golden, (list, tuple)) and isinstance(run, (list, tuple)):
            left, right = _items(golden, run, keep=keep, depth=depth)
            return f"[{left}]", f"[{right}]"
    if isinstance(golden, str) and isinstance(run, str):
        return elide_text(golden, run, width=WINDOW)
    return brief(golden, limit=WINDOW), brief(run, limit=WINDOW)


def _fields(
    golden: Mapping[str, Json], run: Mapping[str, Json], *, keep: bool, depth: int, form: str
) -> tuple[str, str]:
    left: list[str] = []
    right: list[str] = []
    for key in [*golden, *(key for key in run if key not in golden)]:
        name = printable(str(key))[:40]
        if key not in run:
            left.append(form.format(name, brief(golden[key], limit=LONG_TEXT)))
        elif key not in golden:
            right.append(form.format(name, brief(run[key], limit=LONG_TEXT)))
        else:
            one, other = _pair(golden[key], run[key], keep=keep, depth=depth + 1)
            left.append(ELIDED if one == ELIDED else form.format(name, one))
            right.append(form.format(name, other))
    return _joined(left), _joined(right)


def _items(golden: Sequence[Json], run: Sequence[Json], *, keep: bool, depth: int) -> tuple[str, str]:
    """Lists item by item, after what they have in common at the start."""
    left: list[str] = []
    right: list[str] = []
    for index in range(max(len(golden), len(run))):
        if index >= len(run):
            left.append(brief(golden[index], limit=LONG_TEXT))
        elif index >= len(golden):
            right.append(brief(run[index], limit=LONG_TEXT))
        else:
            one, other = _pair(
                golden[index], run[index], keep=keep and len(golden) <= MAX_SHOWN, depth=depth + 1
            )
            left.append(one)
            right.append(other)
    return _joined(left), _joined(right)


def _joined(shown: Sequence[str]) -> str:
    """Runs of elided parts become one ``...`` where they are bare or longer than a few."""
    kept: list[str] = []
    equal = 0
    for part in shown:
        bare = part == ELIDED
        equal = equal + 1 if bare or part.endswith((f"={ELIDED}", f": {ELIDED}")) else 0
        if (bare and kept and kept[-1] == ELIDED) or equal > MAX_SHOWN:
            kept[-1] = ELIDED
        else:
            kept.append(part)
    return ", ".join(kept)


def same(golden: object, run: object) -> bool:
    """JSON equality: 1 is 1.0, True is not 1, and NaN, which equals nothing in Python, is itself."""
    if isinstance(golden, bool) or isinstance(run, bool):
        return golden is run
    if isinstance(golden, Mapping) and isinstance(run, Mapping):
        return golden.keys() == run.keys() and all(same(golden[key], run[key]) for key in golden)
    if isinstance(golden, (list, tuple)) and isinstance(run, (list, tuple)):
        return len(golden) == len(run) and all(map(same, golden, run))
    return golden == run or (golden != golden and run != run)  # noqa: PLR0124  # NaN alone is not itself
