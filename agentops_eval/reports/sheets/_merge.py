"""A sheet put into the file that holds an earlier one, without losing what a person wrote there.

Generated parts stand between two marks, the first with the digest of what stands between them as it was
generated. So a part that is not what its digest is of was edited, and is kept. All else in the file is the
person's. The head lists the parts that were ever generated: one that is listed and not there was taken out.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from agentops_eval.domain import EditedPart, MergedSheet, Sheet, SheetFile
from agentops_eval.reports.sheets._markdown import Href, part_markdown

_HEAD = re.compile(r"^<!-- agentops-eval (?P<id>[a-z0-9-]+): (?P<parts>[a-z0-9 -]*) -->\r?\n?", re.MULTILINE)
_BLOCK = re.compile(
    r"^<!-- generated (?P<id>[a-z0-9-]+) (?P<digest>[0-9a-f]{16}) -->\r?\n"
    r"(?P<body>.*?)"
    r"^<!-- /generated (?P=id) -->[^\S\n]*$",
    re.MULTILINE | re.DOTALL,
)
_MARK = re.compile(r"^<!-- /?generated ", re.MULTILINE)
_MOST_DIFFERENCE = 40


@dataclass(frozen=True, slots=True)
class _Block:
    start: int
    end: int
    digest: str
    body: str

    @property
    def edited(self) -> bool:
        return _digest(self.body) != self.digest


def sheet_id(text: str) -> str:
    """Whose file it is: the id of the sheet that its head names, empty where it is none of ours."""
    found = _HEAD.search(text)
    return found["id"] if found else ""


def merged_sheet(sheet: Sheet, before: str | None, *, href: Href = str) -> MergedSheet:
    """The text of a sheet's file; ``before`` is what it holds now, None where there is none.

    The same sheet gives the same bytes. A generated part that nobody edited becomes what it is now. Whatever
    else is in the file stays as it is, to the byte.
    """
    parts = {part.id: f"{part_markdown(part, href=href)}\n" for part in sheet.parts}
    if before is None:
        return MergedSheet(state=SheetFile.NEW, text=_fresh(sheet.id, parts))
    why = _foreign(sheet.id, before)
    if why:
        return MergedSheet(state=SheetFile.KEPT, text=before, why=why)
    head = _HEAD.search(before)
    assert head is not None
    known = head["parts"].split()
    blocks = {found["id"]: _block(found) for found in _BLOCK.finditer(before)}
    removed = tuple(name for name in known if name not in blocks and name in parts)
    edited = tuple(_edited(name, block, parts[name]) for name, block in _stay(blocks, parts))
    text = _replaced(before, blocks, parts)
    text = _with_new(text, [name for name in parts if name not in {*known, *blocks}], parts)
    text = _HEAD.sub(
        lambda _: _head(sheet.id, [*known, *(n for n in parts if n not in known)]), text, count=1
    )
    state = SheetFile.SAME if text == before else SheetFile.CHANGED
    return MergedSheet(state=state, text=text, edited=edited, removed=removed)


def _fresh(name: str, parts: Mapping[str, str]) -> str:
    return _head(name, list(parts)) + "".join(f"\n{_framed(one, body)}\n" for one, body in parts.items())


def _head(name: str, parts: Sequence[str]) -> str:
    return f"<!-- agentops-eval {name}: {' '.join(parts)} -->\n"


def _framed(name: str, body: str) -> str:
    return f"<!-- generated {name} {_digest(body)} -->\n{body}<!-- /generated {name} -->"


def _digest(body: str) -> str:
    """Of the text, whatever ends its lines: editors change that on their own."""
    plain = body.replace("\r\n", "\n")
    return sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _foreign(name: str, text: str) -> str:
    """Why a file is left alone; empty where it is the sheet's own."""
    found = sheet_id(text)
    if not found:
        return "somebody else wrote it: it has no head of ours"
    if found != name:
        return f"it is the file of {found}"
    blocks = list(_BLOCK.finditer(text))
    if len(_MARK.findall(text)) != 2 * len(blocks) or len({one["id"] for one in blocks}) != len(blocks):
        return "its marks of generated parts are broken: mend or delete them"
    return ""


def _block(found: re.Match[str]) -> _Block:
    return _Block(found.start(), found.end(), found["digest"], found["body"])


def _stay(blocks: Mapping[str, _Block], parts: Mapping[str, str]) -> Iterator[tuple[str, _Block]]:
    """Generated parts that a person made into something else than they would be now."""
    for name, block in blocks.items():
        if name in parts and block.edited and _digest(block.body) != _digest(parts[name]):
            yield name, block


def _edited(name: str, block: _Block, ours: str) -> EditedPart:
    lines = difflib.unified_diff(
        block.body.splitlines(), ours.splitlines(), "in the file", "generated", "", "", 1, ""
    )
    return EditedPart(part=name, difference=tuple(lines)[:_MOST_DIFFERENCE])


def _replaced(text: str, blocks: Mapping[str, _Block], parts: Mapping[str, str]) -> str:
    """The text with the parts that nobody edited as they are now."""
    kept = {name for name, _ in _stay(blocks, parts)}
    pieces, at = [], 0
    for name, block in blocks.items():
        if name in parts and name not in kept and _digest(block.body) != _digest(parts[name]):
            pieces += [text[at : block.start], _framed(name, parts[name])]
            at = block.end
        elif name in parts and name not in kept and block.edited:  # a person wrote what we write
            pieces += [text[at : block.start], _framed(name, block.body)]
            at = block.end
    return "".join([*pieces, text[at:]])


def _with_new(text: str, names: Sequence[str], parts: Mapping[str, str]) -> str:
    """Parts that no earlier sheet had stand at the end."""
    gap = "" if text.endswith("\n") or not text else "\n"
    return text + "".join([gap, *(f"\n{_framed(name, parts[name])}\n" for name in names)]) if names else text
