"""The files of one ``module:callable``, what is known of its recording, and commands to paste."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from agentops_eval.cli._errors import Misused
from agentops_eval.cli._reading import reading
from agentops_eval.domain import AgentopsError, CassetteMissing
from agentops_eval.harness import Settings, case_paths, safe_case, settings_for_reading
from agentops_eval.traces import GOLDEN_SUFFIX, FileKind, is_or_was, kind_at

if TYPE_CHECKING:
    from agentops_eval.harness import Target
    from agentops_eval.replay import Cassette


class Runnable(Protocol):
    """What is run: ``module:callable``, or a command behind the proxy."""

    @property
    def spec(self) -> str:
        """As it was given."""
        ...

    def __call__(self) -> object:
        """Run it to its end, and give its result."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a target's recording and golden are, and as what it was recorded.

    A recording that was named with ``--cassette`` says itself which case and agent it is of; the
    default path follows from module, callable and arguments, and has to hold just that case. ``words``
    name the target on the command line.
    """

    target: Runnable
    words: tuple[str, ...]
    cassette: Path
    golden: Path
    case: str
    agent: str
    recorded: str
    options: tuple[str, ...]
    golden_given: bool

    @classmethod
    def of(
        cls,
        target: Target,
        settings: Settings,
        *,
        cassette: Path | None,
        golden: Path | None,
        rewriting: bool = False,
    ) -> Place:
        """Find the files.

        Raises CassetteCorrupt and its kin for a recording that is damaged, unless it is about to be
        written anew, and Misused where a file is not what it is named for.
        """
        module, _, name = target.spec.partition(":")
        case = safe_case(name, shlex.join(target.arguments))
        paths = case_paths(Path(settings.golden_dir), module.replace(".", "/"), case)
        kept = cassette or paths.cassette
        options = () if cassette is None else ("--cassette", str(cassette))
        words = (target.spec, *target.arguments)
        again = pasted("record", words, options)
        known = find_known(kept, tolerant=rewriting, again=again)
        named = known if cassette is not None else None
        compared = golden or (golden_beside(kept) if cassette else paths.golden)
        refuse_unfit(kept, compared)
        return cls(
            target=target,
            words=words,
            cassette=kept,
            golden=compared,
            case=(named.header.case if named else "") or f"{module}.{case}",
            agent=(named.header.agent if named else "") or target.name,
            recorded=known.outcome if known else "",
            options=options if golden is None else (*options, "--golden", str(golden)),
            golden_given=golden is not None,
        )

    def command(self, verb: str, *extra: str) -> str:
        """The command that does ``verb`` to this target, to be pasted."""
        return pasted(verb, self.words, (*self.options, *extra))


def refuse_unfit(cassette: Path, golden: Path) -> None:
    """Refuse at once what could be overwritten later, though it is something else."""
    beside = golden_beside(cassette)
    other = beside if golden != beside else beside.with_name(f"NAME{GOLDEN_SUFFIX}")
    free = f"--golden {shlex.quote(str(other))}"
    if cassette.resolve() == golden.resolve():
        raise Misused(f"{cassette} cannot be both the recording and the golden", remedy=free)
    if not is_or_was(golden, FileKind.GOLDEN, GOLDEN_SUFFIX):
        what = "a recording" if kind_at(golden) is FileKind.CASSETTE else "something else"
        raise Misused(f"{golden} is {what}, not a golden", remedy=free)


def pasted(verb: str, target: Sequence[str], options: Sequence[str]) -> str:
    """The command; words that look like options, and those of another command, go behind two dashes."""
    words = [*target, *options]
    if any(word.startswith("-") for word in target) or "--proxy" in options:
        words = [*options, *(("--", *target) if target else ())]
    return shlex.join(["agentops-eval", verb, *words])


def golden_beside(cassette: Path) -> Path:
    """The golden's file beside a recording; that of a branch is the golden of its case."""
    from agentops_eval.replay import case_of

    return cassette.with_name(case_of(cassette) + GOLDEN_SUFFIX)


def find_blob(path: Path, name: str) -> bytes | None:
    """The blob of a golden or recording at ``path``: beside it, else in the project around this folder.

    git hands over old versions in temporary files, while the blobs stay in the working tree. They are
    named after what they hold, so that any of that name will do.
    """
    try:
        folder = settings_for_reading(Path.cwd()).golden_dir
    except AgentopsError:
        folder = Settings().golden_dir
    beside = path.parent / name
    within = (p for depth in ("", "*/", "*/*/") for p in Path().glob(f"{depth}{folder}/**/{name}"))
    for candidate in (beside, *within):
        with suppress(OSError):
            return candidate.read_bytes()
    return None


def find_known(path: Path, *, tolerant: bool, again: str) -> Cassette | None:
    """The recording at ``path``, None where there is none, or, if ``tolerant``, none that can be read."""
    from agentops_eval.replay import read_cassette

    try:
        with reading(path, again=again):
            return read_cassette(path)
    except CassetteMissing:
        return None
    except AgentopsError:
        if tolerant:
            return None
        raise
