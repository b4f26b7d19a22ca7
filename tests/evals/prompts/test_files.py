"""Prompt files: a head, a line ``---``, the text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import PromptInvalid
from tests.evals.prompts._kit import TOOLS, made, read, tools_head, v

WHOLE = """# the desk of the shop
name: shop/desk
version: v1.10
description: |
  Answers customers.
llm: some-llm
parameters:
  temperature: 0.2   # calm
  stop: [END, "1"]
tools: tools.json
variables:
  customer: null
  tone: friendly
x-owner: no
---

You answer {{customer}}, and are {{ tone }}.
---
The end.
"""


def test_a_head_says_everything():
    """Each key of a head is read, and the text begins below the first line of dashes."""
    prompt = read(WHOLE, files={"tools.json": str(TOOLS).replace("'", '"')})
    assert (prompt.name, prompt.version, prompt.llm) == ("shop/desk", v("1.10.0"), "some-llm")
    assert prompt.parameters == {"temperature": 0.2, "stop": ["END", "1"]}
    assert [tool.name for tool in prompt.tools or ()] == ["get_order"]
    assert prompt.variables == {"customer": None, "tone": "friendly"}
    assert prompt.text == "You answer {{customer}}, and are {{ tone }}.\n---\nThe end."
    assert WHOLE.splitlines()[prompt.line - 1].startswith("You answer")


def test_the_demos_prompt_is_a_prompt_file():
    """A head with a version alone is enough."""
    from agentops_eval.demo import desk

    path = Path(desk.__file__).with_name("prompt.txt")
    prompt = read(path.read_text(encoding="utf-8"))
    assert (prompt.version, prompt.variables) == (v("1"), {})
    assert prompt.text.startswith("You are the sales and support desk")


@pytest.mark.parametrize(
    "frame", ["{}\n---\nx", "---\n{}\n---\nx", "\n\n---\n{}\n---\nx", "\ufeff{}\n---\nx\n\n"]
)
def test_front_matter_is_a_head(frame):
    """Dashes above the head, blank lines and a byte order mark change nothing."""
    assert read(frame.format("version: 1.2")).digest == made("x", "1.2").digest


def test_only_json_has_types():
    """Words that YAML takes for something else stay words, and a version is no number."""
    prompt = read(
        "version: 1.10\nparameters: {a: no, b: 1.10, c: '1', d: 2020-01-01, e: ~, f: .5, g: true}\n---\nx"
    )
    assert prompt.parameters == {
        "a": "no",
        "b": 1.1,
        "c": "1",
        "d": "2020-01-01",
        "e": None,
        "f": ".5",
        "g": True,
    }
    assert prompt.version == v("1.10.0")


def test_variables_are_those_of_the_text():
    """Without a list of them, a prompt's variables are what its text uses, in that order, all needed."""
    assert made("{{b}} {{a}} {{b}}").variables == {"b": None, "a": None}


BAD = {
    "no-separator": ("version: 1\nx", 1, "no line ---"),
    "no-head": ("hello there\n---\nx", 1, "no `key: value`"),
    "no-version": ("name: a\n---\nx", 1, "no version"),
    "no-text": ("version: 1\n---\n \n", 2, "no text"),
    "no-version-at-all": ("version: one\n---\nx", 1, "'one' is no version"),
    "unknown-key": ("version: 1\nverson: 1\n---\nx", 2, "unknown key 'verson'"),
    "twice": ("version: 1\n\nversion: 2\n---\nx", 3, "twice, first on line 1"),
    "nested-twice": ("version: 1\nparameters:\n  a: 1\n  a: 2\n---\nx", 4, "a is there twice"),
    "no-mapping": ("version: 1\nparameters: [1]\n---\nx", 2, "parameters is not a mapping"),
    "no-text-value": ("version: 1\nllm: [a]\n---\nx", 2, "llm is not text"),
    "colon": ("version: 1\nllm: a: b\n---\nx", 2, "cannot be read"),
    "anchor": ("version: 1\nparameters: &a {b: 1}\n---\nx", 2, "anchors"),
    "alias": ("version: 1\nllm: *a\n---\nx", 2, "anchors"),
    "tag": ("version: 1\nllm: !!python/name:os.system x\n---\nx", 2, "tags"),
    "endless": ("version: 1\nparameters: {a: 1e999}\n---\nx", 2, "too large"),
    "deep": (f"version: 1\nparameters: {{a: {'[' * 5000}{']' * 5000}}}\n---\nx", 2, "nested deeper"),
    "parts": ("version: 1\n--- {}\n---\nx", 2, "more than one part"),
    "reserved": ("version: 1\nname: tools\n---\nx", 2, "cannot be called tools"),
    "name": ("version: 1\nname: ../up\n---\nx", 2, "no name of a prompt"),
    "missing-tools": ("version: 1\ntools: nix.json\n---\nx", 2, "No such file"),
    "broken-tools": ("version: 1\ntools: broken.json\n---\nx", 2, "broken.json:2"),
    "nameless-tool": ("version: 1\ntools: [{description: a}]\n---\nx", 2, "tool 1 has no name"),
    "unused": ("version: 1\nvariables: [a, b]\n---\n{{a}}", 2, "'b' is declared"),
    "undeclared": ("version: 1\nvariables: [a]\n---\n{{a}} {{b}}", 2, "does not declare"),
    "default": ("version: 1\nvariables: {a: 1.10}\n---\n{{a}}", 2, "is not text"),
    "stray": ("version: 1\n---\n\nhi\nyou {{a-b}}", 5, "'{{a-b}}' is no variable"),
    "nul": ("version: 1\n---\nx\0", 3, "NUL"),
}


@pytest.mark.parametrize("case", BAD, ids=str)
def test_what_cannot_be_meant_is_an_error_with_its_line(case):
    """An error says what is wrong, on which line of which file, and what to write."""
    text, line, said = BAD[case]
    with pytest.raises(PromptInvalid, match="AE503") as caught:
        read(text, where="prompts/desk.txt", files={"broken.json": "[\n{]"})
    assert (caught.value.where, said in caught.value.what) == (f"prompts/desk.txt:{line}", True), str(
        caught.value
    )
    assert caught.value.remedy


def test_bytes_that_are_no_text_are_an_error_with_their_line():
    """A file that is not UTF-8 is refused by the line on which that shows."""
    from agentops_eval.evals.prompts import parse_prompt

    with pytest.raises(PromptInvalid) as caught:
        parse_prompt(b"version: 1\n---\n\xff", name="a", where="a.txt", beside=str)
    assert caught.value.where == "a.txt:3"


def test_a_files_name_and_its_head_agree():
    """A file that is called after another version than its head says is an error."""
    assert read("version: 1.4.0\n---\nx", version="v1.4").version == v("1.4")
    with pytest.raises(PromptInvalid, match=r"name says version v1\.3, its head says 1\.4"):
        read("version: 1.4\n---\nx", version="v1.3")


def outcome(text):
    """Where a file is wrong, or the text of its prompt."""
    try:
        return "", read(text).text
    except PromptInvalid as error:
        return error.where, ""


@given(st.text(max_size=300))
def test_any_text_is_a_prompt_or_an_error_of_ours(text):
    """Whatever a file holds, reading it gives a prompt or says what is wrong."""
    where, kept = outcome(text)
    assert where.startswith("p.txt:") or kept


@given(st.text(max_size=200))
def test_any_head_is_a_prompt_or_an_error_of_ours(head):
    """Whatever a head holds, reading it gives a prompt or says what is wrong."""
    where, kept = outcome(f"version: 1\n{head}\n---\ntext")
    assert where.startswith("p.txt:") or kept.endswith("text")


def test_tools_may_stand_in_the_head_or_beside_it():
    """The same tools are the same, wherever they are written."""
    import json

    inside = made(head=tools_head())
    beside = read(
        "version: 1\ntools: t.json\n---\nYou are a desk.",
        files={"t.json": json.dumps({"tools": TOOLS}, indent=1)},
    )
    assert inside.digest == beside.digest
