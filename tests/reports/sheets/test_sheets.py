"""Sheets in Markdown and in files that people edit: nothing of theirs is lost, and nothing breaks out."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from agentops_eval.domain import (
    Sheet,
    SheetFile,
    SheetPart,
    SheetTable,
    as_command,
    as_link,
    in_code,
    in_line,
)
from agentops_eval.reports import merged_sheet, part_markdown, sheet_id, sheet_markdown, sheets_html
from tests.reports._results import HOSTILE
from tests.reports.test_markdown import LINKED, TOKENS, outside_of_code

MARKS = "`|<>[]()!*_~#@:/\\&;$-+. \nwax1\r"
ANY = st.text(alphabet=st.one_of(st.sampled_from(MARKS), st.characters(codec="utf-8")), max_size=60)
OURS = re.compile(r"<!-- [^\n]* -->")
MORE = {"ordered_list_open", "ordered_list_close", "fence", "link_open", "link_close"}


def rendered(text: str) -> str:
    """The HTML that a renderer of GitHub's kind makes, of nothing but what sheets are made of."""
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    tokens = parser.parse(OURS.sub("", text))
    for token in [inner for one in tokens for inner in (one, *(one.children or ()))]:
        assert token.type in TOKENS | MORE, token
        if token.type in ("html_inline", "html_block"):
            assert re.fullmatch(r"</?code>", token.content.strip()), token
    return parser.renderer.render(tokens, parser.options, {})


def sheet(text: str = "plain", *, parts: tuple[str, ...] = ("title", "symptom", "owner")) -> Sheet:
    """A sheet with a text of somebody's wherever there is room for one."""
    table = SheetTable(head=("a", "b"), rows=((in_line(in_code(text)), in_line(as_link(text, text))),))
    bodies = {
        "title": SheetPart(id="title", title="", lines=(in_line("On ", in_code(text)),)),
        "symptom": SheetPart(
            id="symptom", title="Symptom", lines=(in_line("It was ", in_code(text), "."), in_line(text)),
            ordered=True, table=table,
        ),
        "owner": SheetPart(id="owner", title="Owner", lines=(in_line(as_command(f"ls {text}")),)),
    }  # fmt: skip
    return Sheet(id="s-1", title="", parts=tuple(bodies[name] for name in parts))


def merged(text: str, before: str | None) -> str:
    """What the file holds then."""
    return merged_sheet(sheet(text), before).text


@given(ANY, ANY)
def test_the_same_sheet_gives_the_same_bytes(first, second):
    """Whatever names hold, generating again changes nothing, and a changed sheet is as if it were new."""
    fresh = merged(first, None)
    again = merged_sheet(sheet(first), fresh)
    assert (again.state, again.text, again.edited) == (SheetFile.SAME, fresh, ())
    assert merged(second, fresh) == merged(second, None)
    assert sheet_id(fresh) == "s-1"


@given(st.lists(ANY, min_size=4, max_size=4), st.lists(ANY, min_size=1, max_size=4))
def test_what_is_written_by_hand_survives_any_regeneration(notes, later):
    """Before, between and behind the generated parts, to the byte."""
    pieces = re.split(r"(?=^<!-- generated )", merged("one", None), flags=re.MULTILINE)
    text = "".join(f"{piece}\n{note}\n" for piece, note in zip(pieces, notes, strict=True))
    for name in later:
        found = merged_sheet(sheet(name), text)
        assert found.state is not SheetFile.KEPT
        text = found.text
    at = 0
    for note in notes:
        at = text.index(f"\n{note}\n", at) + 1
    assert text.count("<!-- generated ") == 3


@given(ANY.filter(lambda text: text.strip()))
def test_a_generated_part_that_was_edited_is_kept_and_the_difference_told(words):
    """The others become what they are now; what ours would change is told, line by line."""
    before = merged("one", None).replace("It was <code>one</code>.", f"It was, {words}.")
    found = merged_sheet(sheet("two"), before)
    assert f"It was, {words}." in found.text
    (edit,) = found.edited
    assert edit.part == "symptom"
    assert any(line.startswith("+") and "two" in line for line in edit.difference)
    assert "ls two" in found.text
    assert merged_sheet(sheet("two"), found.text).text == found.text
    assert f"It was, {words}." in merged("three", found.text)


def test_an_edit_that_says_what_we_say_is_no_edit_any_more():
    """It is generated again from then on."""
    before = merged("one", None).replace("<code>one</code>.", "<code>two</code>.")
    half = merged_sheet(sheet("two", parts=("symptom",)), before)
    assert half.edited  # its table still says one
    whole = (
        before.replace("<code>one</code>", "<code>two</code>")
        .replace("](one)", "](two)")
        .replace("2. one", "2. two")
    )
    found = merged_sheet(sheet("two"), whole)
    assert found.edited == ()
    assert "three" in merged("three", found.text)


def test_a_part_that_was_taken_out_stays_out_and_is_told():
    """A part that no earlier sheet had is added."""
    fresh = merged_sheet(sheet(parts=("title", "symptom")), None).text
    without = re.sub(r"<!-- generated symptom.*?/generated symptom -->\n", "", fresh, flags=re.DOTALL)
    found = merged_sheet(sheet(), without)
    assert found.removed == ("symptom",)
    assert "Symptom" not in found.text
    assert "## Owner" in found.text
    assert merged_sheet(sheet(), found.text).state is SheetFile.SAME


def test_other_ends_of_lines_are_no_edit():
    """An editor that writes CRLF has changed nothing; the parts still follow what is shown."""
    text = merged("one", None).replace("\n", "\r\n")
    assert merged_sheet(sheet("one"), text).edited == ()
    found = merged_sheet(sheet("two"), text)
    assert (found.edited, "<code>two</code>" in found.text) == ((), True)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("# Mine\n", "somebody else wrote it"),
        ("", "somebody else wrote it"),
        (merged("one", None).replace("s-1:", "s-2:"), "it is the file of s-2"),
        (merged("one", None).replace("<!-- /generated owner -->", ""), "broken"),
        (
            merged("one", None) + "<!-- generated owner 0000000000000000 -->\nx\n<!-- /generated owner -->\n",
            "broken",
        ),
    ],
)
def test_a_file_that_is_not_ours_or_broken_is_left_alone(text, why):
    """Not a byte of it changes, and the reason is told."""
    found = merged_sheet(sheet("two"), text)
    assert (found.state, found.text) == (SheetFile.KEPT, text)
    assert why in found.why


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_code_and_nothing_else(text):
    """No link but ours to a path, no image, mention, heading or HTML comes of them, and no cell is added."""
    page = rendered(merged(text, None))
    plain = re.sub(r"<a href=\"[a-zA-Z0-9/._#%~-]*\">|</a>|<pre>.*?</pre>", "", page, flags=re.DOTALL)
    assert LINKED.search(outside_of_code(plain)) is None
    assert page.count("<td>") == 2
    assert "<a " not in plain


@settings(max_examples=30)
@given(ANY)
def test_any_mix_of_marks_stays_in_its_place(text):
    """The table has its two cells, and the headings are ours."""
    page = rendered(merged(text, None))
    assert page.count("<td>") == 2
    assert re.findall(r"<h[2-6]", page) == ["<h2", "<h2"]
    assert page.count("<a ") <= 1


def test_a_sheet_has_title_headline_and_facts():
    """They stand first, and long tables say how much is missing."""
    table = SheetTable(head=("a",), rows=((in_line("1"),),), more=3)
    one = Sheet(
        id="r", title="Review", headline="spent more", facts=(("spent", "1"),),
        parts=(SheetPart(id="p", title="Part", table=table),),
    )  # fmt: skip
    text = sheet_markdown(one)
    assert text.startswith("# Review\n\nspent more\n\nspent **1**\n\n## Part\n")
    assert "and 3 more" in text
    assert part_markdown(SheetPart(id="x", title="X")) == "## X"


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_the_page_escapes_whatever_stands_in_it(text):
    """There is one script, ours, and no element, attribute or address of theirs."""
    page = sheets_html([sheet(text), sheet("b")], title=text, headline=text or "x", tone="bad")
    body = page.partition("<body>")[2]
    assert page.count("<script") == 1
    assert page.count("<style") == 1
    assert re.search(r"<(?:img|svg|iframe|b|u|i)\b(?! aria-hidden)", body) is None
    assert all(re.fullmatch(r"[a-zA-Z0-9/._#%~-]*", one) for one in re.findall(r'href="([^"]*)"', body))
    assert "connect-src" not in page
