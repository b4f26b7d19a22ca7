"""A digest is of what an llm is sent because of a prompt, and of nothing else."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.evals.prompts import digest_of, read_tools, tools_digest
from tests.evals.prompts._kit import TOOLS, made, read, tools_head

lines = st.lists(
    st.text(alphabet="ab é.", min_size=1, max_size=10).map(lambda s: "x" + s), min_size=1, max_size=6
)


@given(lines, st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from(["\n", "\r\n"]))
def test_newlines_do_not_show(parts, one, other):
    """How a file ends its lines is not in the digest, nor are blank lines around the text."""
    spelt = [read(f"version: 1{end}---{end}{end.join(parts)}{end * n}") for n, end in enumerate((one, other))]
    assert spelt[0].digest == spelt[1].digest == digest_of("\n".join(parts))


def test_digests_of_today_are_those_of_tomorrow():
    """What is hashed is written down: approvals of earlier releases stay good."""
    hashed = (
        '{"text":"x"}',
        (
            '{"defaults":{"v":"d"},"llm":"a","parameters":{"temperature":1},"text":"\\u00e9 {{v}}",'
            '"tools":[{"description":"","name":"t","parameters":{}}]}'
        ),
    )
    head = "llm: a\nparameters: {temperature: 1.0}\nvariables: {v: d}\ntools: [{name: t}]"
    digests = ["sha256:" + hashlib.sha256(one.encode()).hexdigest() for one in hashed]
    assert [made("x").digest, made("é {{v}}", head=head).digest] == digests


BASE = "version: 1\nllm: a\nparameters: {temperature: 1, top_p: 1}\nvariables: {v: d}\n" + tools_head()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("version: 1", "version: 2\ndescription: other\nx-owner: me"),
        ("temperature: 1, top_p: 1", "top_p: 1.0, temperature: 1.0"),
        (tools_head(), tools_head([{"type": "function", "function": TOOLS[0]}])),
    ],
    ids=["name-and-notes", "spelling", "shape-of-tools"],
)
def test_what_an_llm_cannot_see_is_not_in_it(old, new):
    """Version, notes and spelling change no digest."""
    text = f"{BASE}\n---\nhi {{{{v}}}}"
    assert old in text
    assert read(text).digest == read(text.replace(old, new)).digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("hi", "ho"),
        ("llm: a", "llm: b"),
        ("temperature: 1", "temperature: 1.5"),
        ("{v: d}", "{v: e}"),
        ("Look an order up.", "Look up an order."),
        ('"integer"', '"string"'),
        ("\n" + tools_head(), ""),
    ],
    ids=["text", "llm", "parameter", "default", "description", "type", "tools"],
)
def test_what_an_llm_can_see_is_in_it(old, new):
    """A change of text, llm, parameter, default or tool is a change of the digest."""
    text = f"{BASE}\n---\nhi {{{{v}}}}"
    assert old in text
    assert read(text).digest != read(text.replace(old, new)).digest


SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}}
SHAPES = {
    "openai-chat": {"type": "function", "function": {"name": "t", "description": "d", "parameters": SCHEMA}},
    "openai-responses": {"type": "function", "name": "t", "description": "d", "parameters": SCHEMA},
    "anthropic": {"name": "t", "description": "d ", "input_schema": SCHEMA},
    "mcp": {"name": "t", "description": "d", "inputSchema": SCHEMA},
    "gemini": {"functionDeclarations": [{"name": "t", "description": "d", "parameters": SCHEMA}]},
    "bedrock": {"toolSpec": {"name": "t", "description": "d", "inputSchema": {"json": SCHEMA}}},
}


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_tools_are_the_same_in_every_providers_shape(shape):
    """One tool has one digest, however a provider writes it and in whichever order it stands."""
    other = {"name": "a", "parameters": {}}
    expected = tools_digest(read_tools([SHAPES["mcp"], other]))
    assert tools_digest(read_tools([other, SHAPES[shape]])) == expected
    assert tools_digest(read_tools({"tools": [other, SHAPES[shape]]})) == expected


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["name", "tools", "function", "parameters", "x"]), inner)
        ),
    )
)
def test_any_json_is_tools_or_an_error(value):
    """Whatever stands where tools should, it is refused, or read as tools with names and one digest."""
    try:
        tools = read_tools(value)
    except ValueError:
        return
    assert tools_digest(tools) == tools_digest(read_tools(json.loads(json.dumps(value))))
    assert all(tool.name for tool in tools)


def test_a_text_alone_has_the_digest_of_a_file_that_holds_it():
    """What a trace tells of an unknown prompt is what its file would be called by."""
    assert made("x").digest == digest_of(" x\r\n")
