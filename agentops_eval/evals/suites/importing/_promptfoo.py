"""promptfoo's YAML: prompts, providers and tests with variables and assertions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import product

from agentops_eval.domain import Json
from agentops_eval.evals.suites._variables import NAME, filled, verbatim
from agentops_eval.evals.suites.importing._assertions import assertions
from agentops_eval.evals.suites.importing._notes import (
    Expect,
    Found,
    Notebook,
    beside,
    list_of,
    mapping_of,
    said,
    scenario,
    text_of,
)

_ROWS = 1_000
_READ = frozenset({"description", "vars", "assert", "metadata"})
_TOP = frozenset({"description", "prompts", "providers", "targets", "tests", "defaultTest", "$schema"})
_LOGIC = re.compile(r"\{%|\{\{(?!\s*[A-Za-z_][\w.\-]*\s*\}\})")
_FILE = re.compile(r"^(file|exec|https?)://|\.(txt|json|ya?ml|py|js|mjs|cjs|ts|csv|md|j2)$")


def is_one(value: Json) -> bool:
    """Tests, with prompts or providers or assertions."""
    body = mapping_of(value)
    tests = body.get("tests")
    inside = isinstance(tests, list) and any(mapping_of(one).keys() & {"vars", "assert"} for one in tests)
    return "tests" in body and bool(body.keys() & {"prompts", "providers", "targets"} or inside)


def read(value: Json, notes: Notebook) -> Found:
    """The tests. The prompt that is asked with is the user's input where there is one alone, in the file."""
    body = mapping_of(value)
    for name in sorted(body.keys() - _TOP):
        notes.left(name, "a setting of promptfoo", "it has no counterpart")
    template = _template(list_of(body.get("prompts")), notes)
    default = mapping_of(body.get("defaultTest"))
    _say_unread(default, "defaultTest", notes)
    shared = dict(mapping_of(default.get("vars")))
    common: Expect = []
    assertions(list_of(default.get("assert")), common, set(shared), "defaultTest.assert", notes)
    tests = body.get("tests")
    if not isinstance(tests, list):
        notes.left("tests", "tests in another file", "only tests in the file itself are read")
    scenarios: list[Json] = []
    for number, one in enumerate(tests if isinstance(tests, list) else []):
        if isinstance(one, Mapping):
            made = _test(one, shared, common, template, f"tests[{number}]", notes)
            scenarios += [made] if made else []
        else:
            notes.left(f"tests[{number}]", "tests in another file", "only tests in the file itself are read")
    return Found(scenarios=scenarios, head=_head(body, common, notes))


def _head(body: Mapping[str, Json], common: Expect, notes: Notebook) -> dict[str, Json]:
    head: dict[str, Json] = {}
    llms = []
    for one in list_of(body.get("providers")) + list_of(body.get("targets")):
        name = text_of(one) or text_of(mapping_of(one).get("label")) or text_of(mapping_of(one).get("id"))
        llms += [name] if re.search("[A-Za-z0-9]", name) and not _FILE.search(name) else []
    if len(llms) > 1:
        head["matrix"] = {"axes": {"llm": [*dict.fromkeys(llms)]}}
        notes.changed("providers", "the providers", "the axis llm of the matrix: the agent is given llm=...")
    elif body.get("providers") or body.get("targets"):
        notes.left("providers", "the provider", "the agent knows which llm it asks; name it with agent:")
    if common:
        head["defaults"] = {"expect": said(common)}
    return head


def _template(prompts: list[Json], notes: Notebook) -> str:
    """The one prompt that is a plain text; empty where there is none such."""
    texts = [text_of(one) or text_of(mapping_of(one).get("raw")) for one in prompts]
    plain = [text for text in texts if text and not _FILE.search(text.strip())]
    why = "the input is the variables; keep prompts as versioned files, which the agent reads"
    if len(prompts) != 1 or not plain:
        for number in range(len(prompts)):
            notes.left(f"prompts[{number}]", "a prompt", why)
        return ""
    (text,) = plain
    if _LOGIC.search(text) or text.lstrip().startswith(("[", "{\n", '{"')):
        notes.left("prompts[0]", "a prompt with logic, or of several messages", why)
        return ""
    notes.changed("prompts[0]", "the prompt", "the user's input; what is an instruction belongs to the agent")
    return text


def _test(
    test: Mapping[str, Json],
    shared: Mapping[str, Json],
    common: Expect,
    template: str,
    at: str,
    notes: Notebook,
) -> dict[str, Json]:
    _say_unread(test, at, notes)
    given = {**shared, **mapping_of(test.get("vars"))}
    why = _unusable(test, given)
    variables, rows = ({}, []) if why else _variables(given, at, notes)
    known = set(variables) | set(rows[0] if rows else ())
    asked = _input(template, known)
    if why or not asked:
        notes.left(at, "a test", why or "nothing is asked in it: it has neither a prompt nor variables")
        return {}
    expect: Expect = []
    assertions(list_of(test.get("assert")), expect, known, f"{at}.assert", notes)
    title = text_of(test.get("description"))
    return scenario(
        name=notes.id_of(title or _named(given) or "test"),
        title=title,
        input=asked,
        foreach=[dict(row) for row in rows],
        variables=variables,
        expect=beside(common, expect),
        segments=_segments(mapping_of(test.get("metadata")), at, notes),
        source=f"promptfoo, {at}",
    )


def _unusable(test: Mapping[str, Json], given: Mapping[str, Json]) -> str:
    """Why a test cannot be kept, empty where it can."""
    files = [name for name, value in given.items() if isinstance(value, str) and value.startswith("file://")]
    if files:
        return f"the variable {files[0]} is a file, which is not read"
    if not isinstance(test.get("vars") or {}, Mapping):
        return "the variables are a file, which is not read"
    if isinstance(given.get("id"), list):
        return "a variable called id would name the rows; call it something else"
    return ""


def _segments(metadata: Mapping[str, Json], at: str, notes: Notebook) -> dict[str, Json]:
    segments: dict[str, Json] = {}
    for key, value in metadata.items():
        if isinstance(value, (str, int, float, bool)):
            segments[key] = verbatim(value)
        else:
            notes.left(f"{at}.metadata.{key}", "metadata", "a segment is a text or a number")
    return segments


def _say_unread(test: Mapping[str, Json], at: str, notes: Notebook) -> None:
    for name in sorted(test.keys() - _READ):
        notes.left(f"{at}.{name}", "an option of a test", "it has no counterpart")


def _named(variables: Mapping[str, Json]) -> str:
    return next((value for value in variables.values() if isinstance(value, str)), "")[:60]


def _variables(
    given: Mapping[str, Json], at: str, notes: Notebook
) -> tuple[dict[str, Json], list[dict[str, Json]]]:
    """Variables with one value; and a row for each combination of those that have a list of them."""
    single: dict[str, Json] = {}
    lists: dict[str, list[Json]] = {}
    for name, value in given.items():
        if not NAME.fullmatch(name):
            notes.left(
                f"{at}.vars.{name}", "a variable", "its name has other signs than letters, digits and _"
            )
        elif isinstance(value, list) and value:
            lists[name] = value
        else:
            single[name] = value
            for inner, item in mapping_of(value).items():
                if NAME.fullmatch(inner) and not isinstance(item, (Mapping, list)):
                    single[f"{name}.{inner}"] = item
    combinations = product(*lists.values()) if lists else ()
    rows = [
        dict(zip(lists, values, strict=True))
        for values, _ in zip(combinations, range(_ROWS + 1), strict=False)
    ]
    if len(rows) > _ROWS:
        notes.left(f"{at}.vars", "combinations of variables", f"only the first {_ROWS:,} are there")
    return single, rows[:_ROWS]


def _input(template: str, known: set[str]) -> Json:
    """The prompt; without one, the only variable, or all of them by name."""
    if template:
        return filled(template, known)
    names = sorted(name for name in known if "." not in name)
    if len(names) == 1:
        return f"{{{{{names[0]}}}}}"
    return {name: f"{{{{{name}}}}}" for name in names}
