"""The register of approvals: one line of JSON for each, added at the end and never changed.

A line names the lines that stood last when it was written (``after``), as a commit names its parents.
So lines of two branches merge in any order, and a line that was taken out is missed by its successors.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agentops_eval.domain import Json, MergeConflict, PromptInvalid
from agentops_eval.evals.prompts._strict import canonical, read_json
from agentops_eval.evals.prompts._version import Version

REGISTER = "approved.jsonl"
"""The file's name, in the folder of the prompts."""

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_CONFLICT = ("<<<<<<<", ">>>>>>>", "|||||||")
_KEYS = ("prompt", "version", "digest", "approved_at", "role", "after")


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """That a version was approved as it was then. ``approved_at`` is UTC in ISO 8601.

    ``role`` says in which role somebody approved, empty where that was not told. ``after`` are the ids
    of the lines before it that nothing else came after. ``line`` is where it stands.
    """

    prompt: str
    version: Version
    digest: str
    approved_at: str
    role: str = ""
    after: tuple[str, ...] = ()
    line: int = 0

    @property
    def id(self) -> str:
        """What later lines call it by: ``desk 1.4.0 1f0c3a9e2b77``."""
        told = canonical(_document(self))
        return f"{self.prompt} {self.version} {hashlib.sha256(told.encode()).hexdigest()[:12]}"


def approval_line(approval: Approval) -> str:
    """The line of the register, LF included."""
    return json.dumps(_document(approval)) + "\n"


def last_ids(approvals: Iterable[Approval]) -> tuple[str, ...]:
    """The ids that no approval comes after: what the next one names as ``after``."""
    all_of_them = tuple(approvals)
    followed = {one for approval in all_of_them for one in approval.after}
    return tuple(sorted({approval.id for approval in all_of_them} - followed))


def missing_ids(approvals: Iterable[Approval]) -> Mapping[str, int]:
    """The ids that an approval comes after and that are no longer there, each with the line that says so."""
    all_of_them = tuple(approvals)
    there = {approval.id for approval in all_of_them}
    missing: dict[str, int] = {}
    for approval in all_of_them:
        for one in approval.after:
            if one not in there:
                missing.setdefault(one, approval.line)
    return missing


def read_register(data: bytes, *, where: str) -> tuple[Approval, ...]:
    """The approvals of a register, in its order; a line that is there twice counts once.

    Raises MergeConflict for git's conflict marks, and PromptInvalid with the line for anything else that
    is no approval.
    """
    found: dict[str, Approval] = {}
    for number, line in _lines(data, where):
        approval = _read(line, f"{where}:{number}", number)
        found.setdefault(approval.id, approval)
    return tuple(found.values())


def _lines(data: bytes, where: str) -> Iterator[tuple[int, str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        raise _damaged(f"byte {error.start + 1} is not UTF-8", f"{where}:{number}") from None
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith(_CONFLICT) or line.rstrip("\r") == "=======":
            raise MergeConflict(
                "the register of approvals holds a merge conflict",
                where=f"{where}:{number}",
                remedy=f"keep the lines of both sides; {REGISTER} merge=union in .gitattributes does it",
            )
        if line.strip():
            yield number, line


def _read(line: str, where: str, number: int) -> Approval:
    try:
        value = read_json(line)
    except ValueError as error:
        raise _damaged(f"no JSON ({error})", where) from None
    told: Mapping[str, Json] = value if isinstance(value, Mapping) else {}
    texts = {key: told.get(key, "") for key in _KEYS if key != "after"}
    after = told.get("after", [])
    unknown = [key for key in told if key not in _KEYS]
    if unknown or not told:
        raise _damaged(f"unknown key {unknown[0][:40]!r}" if unknown else "no JSON object", where)
    for key, text in texts.items():
        if not isinstance(text, str) or not (text or key == "role"):
            raise _damaged(f"{key} is not there or no text", where)
    if (
        not isinstance(after, Sequence)
        or isinstance(after, str)
        or not all(isinstance(x, str) for x in after)
    ):
        raise _damaged("after is no list of texts", where)
    if not _DIGEST.fullmatch(str(texts["digest"])):
        raise _damaged("digest is none", where)
    try:
        version = Version.parse(str(texts["version"]))
    except ValueError as error:
        raise _damaged(str(error), where) from None
    return Approval(
        prompt=str(texts["prompt"]),
        version=version,
        digest=str(texts["digest"]),
        approved_at=str(texts["approved_at"]),
        role=str(texts["role"]),
        after=tuple(map(str, after)),
        line=number,
    )


def _damaged(what: str, where: str) -> PromptInvalid:
    return PromptInvalid(
        f"a line of the register of approvals was damaged: {what}",
        where=where,
        remedy=f"restore it: git restore {where.rpartition(':')[0]}",
    )


def _document(approval: Approval) -> dict[str, Json]:
    document: dict[str, Json] = {
        "prompt": approval.prompt,
        "version": str(approval.version),
        "digest": approval.digest,
        "approved_at": approval.approved_at,
    }
    document |= {"role": approval.role} if approval.role else {}
    return document | ({"after": list(approval.after)} if approval.after else {})
