"""Answers that are JSON: held against a schema, or against a value place by place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, TypeAlias

from agentops_eval.domain import Json, Verdict, canonical_json
from agentops_eval.evals._evaluator import Evaluator
from agentops_eval.evals._json_diff import differences
from agentops_eval.evals._json_text import NoJson, json_of
from agentops_eval.evals._json_values import plain_numbers
from agentops_eval.evals._linear import linear
from agentops_eval.evals._paths import path_of, spelled, without
from agentops_eval.evals._verdicts import failing, listed, passing, shown
from agentops_eval.evals.answers._seen import over

_MOST_ERRORS = 100
Schema: TypeAlias = "Mapping[str, Json] | bool"


def answer_schema(schema: Schema, *, turn: int | None = None, field: str = "") -> Evaluator:
    """The answer is JSON that a JSON Schema admits (draft 2020-12, or the one that ``$schema`` names).

    Text is read as JSON, whole or from its only fence. What a schema refers to stands in itself: nothing is
    ever fetched. ``format`` is a note and not checked, as the standard says. Raises ValueError for a schema
    that is none, or refers elsewhere.
    """
    validator = _validator(schema)

    def judge(value: Json) -> Verdict:
        try:
            read = json_of(value)
        except NoJson as error:
            return failing(f"the answer is no JSON: {error}")
        errors = islice(validator.iter_errors(read), _MOST_ERRORS)
        found = [f"{_place(error.absolute_path)}{_what(error)}" for error in errors]
        return failing(f"the answer does not fit: {listed(found)}") if found else passing("the answer fits")

    return over(judge, turn=turn, field=field)


def _place(path: Sequence[Any]) -> str:
    at = spelled(path)
    return f"{at}: " if at else ""


def _what(error: Any) -> str:
    """The validator's own words, unless they would print a whole value."""
    if error.validator in {"type", "enum", "const", "pattern", "minimum", "maximum"}:
        wanted = f"{error.validator} {shown(error.validator_value)}"
        return f"{shown(error.instance)} is not of {wanted}"
    message = str(error.message)
    return message if len(message) <= 160 else f"{message[:100]} ... breaks {error.validator}"


def _validator(schema: Schema) -> Any:
    """The validator of a schema. Patterns are matched in linear time: the text is hostile."""
    from jsonschema import Draft202012Validator, SchemaError
    from jsonschema.validators import extend, validator_for
    from referencing import Registry

    plain = _thawed(schema)
    chosen = validator_for(plain, default=Draft202012Validator)
    try:
        chosen.check_schema(plain)
    except SchemaError as error:
        raise ValueError(f"no JSON Schema: {_place(error.absolute_path)}{error.message}") from None
    except RecursionError:
        raise ValueError("no JSON Schema: it is nested too deep") from None
    for text in _patterns(plain):
        linear(text)
    kind: Any = extend(chosen, {"pattern": _pattern, "uniqueItems": _unique_items})  # type: ignore[no-untyped-call]  # its stubs lack it
    validator = kind(plain, registry=Registry())  # an empty registry fetches nothing
    for reference in _references(plain):
        _resolved(validator, reference)
    return validator


def _resolved(validator: Any, reference: str) -> None:
    from referencing.exceptions import Unresolvable

    try:
        validator._resolver.lookup(reference)  # noqa: SLF001  # it resolves by the schema's own id
    except Unresolvable:
        what = f"the schema refers to {reference[:80]!r}, which is not in it: nothing is fetched"
        raise ValueError(f"{what}; put it under $defs and refer to '#/$defs/...'") from None


def _pattern(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[Any]:
    from jsonschema import ValidationError

    if isinstance(instance, str) and not linear(pattern).found(instance):
        yield ValidationError(f"{shown(instance)} does not match {shown(pattern)}")


def _unique_items(_validator: Any, unique: bool, instance: Any, _schema: Any) -> Iterator[Any]:  # noqa: FBT001  # jsonschema calls it
    """In time that grows with the list: the library compares each item with each."""
    from jsonschema import ValidationError

    if unique and isinstance(instance, list):
        spelled_once = {canonical_json(plain_numbers(item)) for item in instance}
        if len(spelled_once) < len(instance):
            yield ValidationError("it has an item twice")


def _thawed(value: Json) -> Any:
    if isinstance(value, Mapping):
        return {key: _thawed(item) for key, item in value.items()}
    return [*map(_thawed, value)] if isinstance(value, (list, tuple)) else value


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key in {"$ref", "$dynamicRef"} and isinstance(item, str):
                yield item
            else:
                yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def _patterns(value: Any) -> Iterator[str]:
    """Every pattern, so that one that cannot be matched is refused before a run."""
    if isinstance(value, dict):
        if isinstance(value.get("pattern"), str):
            yield value["pattern"]
        for item in value.values():
            yield from _patterns(item)
    elif isinstance(value, list):
        for item in value:
            yield from _patterns(item)


def answer_diff(
    expected: Json,
    *,
    ignore: list[str] | None = None,
    significant_digits: int | None = None,
    ignore_order: bool = False,
    turn: int | None = None,
    field: str = "",
) -> Evaluator:
    """The answer, read as JSON, is ``expected``, compared place by place with DeepDiff.

    ``ignore`` holds paths (``items[*].id``) that are left out on both sides; numbers are rounded to
    ``significant_digits`` behind the decimal point; with ``ignore_order`` lists are bags. Raises ValueError
    for a path that is none.
    """
    if significant_digits is not None and not 0 <= significant_digits <= 30:
        raise ValueError(f"significant_digits is {significant_digits}, not from 0 to 30")
    paths = [path_of(one) for one in ignore or []]
    wanted = without(expected, paths)
    compare = partial(differences, significant_digits=significant_digits, ignore_order=ignore_order)

    def judge(value: Json) -> Verdict:
        try:
            read = without(json_of(value), paths)
        except NoJson as error:
            return failing(f"the answer is no JSON: {error}")
        found = compare(wanted, read)
        return failing(listed(found)) if found else passing("the answer is as expected")

    return over(judge, turn=turn, field=field)
