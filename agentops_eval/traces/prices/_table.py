"""A team's own prices: a small TOML or YAML file, in US dollars per million tokens."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from fnmatch import fnmatchcase
from pathlib import Path

import msgspec

from agentops_eval.domain import ConfigInvalid
from agentops_eval.traces._cost import Tokens
from agentops_eval.traces._money import money, total_money

_MILLION = 6
_MOST_BYTES = 1024 * 1024
_EXAMPLE = 'date = "2026-11-01" on the first line, then [llm."acme-large"] with input = 3 and output = 15'


@dataclass(frozen=True, slots=True, kw_only=True)
class LlmPrice:
    """US dollars per million tokens. Cached tokens cost what input costs, where nothing else is said.

    ``provider`` restricts the price to one provider, in the conventions' spelling (``azure.ai.openai``).
    """

    input: Decimal
    output: Decimal
    cache_read: Decimal | None = None
    cache_creation: Decimal | None = None
    provider: str = ""

    def of(self, tokens: Tokens) -> Decimal | None:
        """What the tokens cost; None where more were cached than there were."""
        read, created = tokens.cache_read or 0, tokens.cache_creation or 0
        plain = tokens.input - read - created
        if plain < 0:
            return None
        parts = (
            (plain, self.input),
            (read, self.input if self.cache_read is None else self.cache_read),
            (created, self.input if self.cache_creation is None else self.cache_creation),
            (tokens.output, self.output),
        )
        return total_money(money((used * price).scaleb(-_MILLION)) for used, price in parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTable:
    """Prices by the name of the llm, which may be a pattern (``acme-*``), as they held on ``date``."""

    date: date
    llm: Mapping[str, LlmPrice]
    currency: str = "USD"

    def find(self, name: str, provider: str) -> LlmPrice | None:
        """The price of an llm: of the equal name, else of the longest pattern that fits. Case is nothing."""
        wanted = name.lower()
        fitting = {
            key.lower(): price for key, price in self.llm.items() if price.provider in ("", provider.lower())
        }
        if wanted in fitting:
            return fitting[wanted]
        patterns = sorted(
            (key for key in fitting if fnmatchcase(wanted, key)), key=lambda key: (-len(key), key)
        )
        return fitting[patterns[0]] if patterns else None


def read_table(path: Path) -> PriceTable:
    """Read a file of prices. Raises ConfigInvalid, which names the file and the field."""
    found = _load(path)
    _known(path, "", found, PriceTable)
    llms = found.get("llm")
    for name, entry in llms.items() if isinstance(llms, Mapping) else ():
        _entry(path, str(name), entry)
    try:
        table = msgspec.convert(found, PriceTable)
    except msgspec.ValidationError as error:
        raise _wrong(path, str(error)) from None
    if table.currency.upper() != "USD":
        raise _wrong(path, f"the currency is {table.currency[:40]!r}; costs are added up in US dollars (USD)")
    return table


def _entry(path: Path, name: str, entry: object) -> None:
    """Check the entry of one llm, so that what is wrong is told with its name."""
    place = f"the entry of the llm {name[:80]!r}: "
    if not isinstance(entry, Mapping):
        raise _wrong(path, f"{place}it is no table of prices")
    _known(path, place, entry, LlmPrice)
    try:
        prices = msgspec.convert(entry, LlmPrice)
    except msgspec.ValidationError as error:
        raise _wrong(path, f"{place}{error}") from None
    for key in ("input", "output", "cache_read", "cache_creation"):
        price = getattr(prices, key)
        if price is not None and money(price) is None:
            raise _wrong(path, f"{place}a price is a number from 0 - at `{key}`")


def _known(path: Path, place: str, found: Mapping[object, object], kind: type) -> None:
    """Refuse a key that is none: a price under a misspelt name would be no price."""
    keys = [field.name for field in fields(kind)]
    for key in found:
        if key not in keys:
            near = difflib.get_close_matches(str(key), keys, n=1, cutoff=0.5)
            meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(keys)}"
            raise _wrong(path, f"{place}there is no key {str(key)[:80]!r}; {meant}")


def _load(path: Path) -> Mapping[object, object]:
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise ConfigInvalid(
            "there is no such file of prices",
            where=str(path),
            remedy=_near(path) or f"name another with --prices, or the setting prices; or write {_EXAMPLE}",
        ) from None
    except OSError as error:
        raise _wrong(path, str(error.strerror)) from None
    if len(data) > _MOST_BYTES:
        raise _wrong(path, f"the file is larger than {_MOST_BYTES // 1024**2} MiB")
    try:
        text = data.decode("utf-8-sig")
    except ValueError as error:
        raise _wrong(path, str(error)) from None
    try:
        found = _toml(text) if path.suffix == ".toml" else _yaml(text)
    except (ValueError, RecursionError) as error:
        raise _wrong(path, f"{error}{_misnamed(path, text)}") from None
    if not isinstance(found, Mapping):
        raise _wrong(path, f"the file holds no table{_misnamed(path, text)}")
    return found


def _toml(text: str) -> object:
    return tomllib.loads(text, parse_float=Decimal)


def _misnamed(path: Path, text: str) -> str:
    """What to say where the file is in the other notation than its name tells."""
    other, name = (_yaml, ".yaml") if path.suffix == ".toml" else (_toml, ".toml")
    try:
        found = other(text)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(found, Mapping):
        return ""
    return f"; its content is {name[1:].upper()}: name the file {path.stem}{name}"


def _near(path: Path) -> str:
    """A file beside it that may be meant."""
    try:
        names = sorted(one.name for one in path.parent.iterdir() if one.is_file())
    except OSError:
        return ""
    near = difflib.get_close_matches(path.name, names, n=1)
    return f"did you mean {path.with_name(near[0])}?" if near else ""


def _yaml(text: str) -> object:
    import yaml

    try:
        return yaml.safe_load(text)  # the C loader dies of deep nesting, and a table is short
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())) from None


def _wrong(path: Path, what: str) -> ConfigInvalid:
    return ConfigInvalid(f"no table of prices: {what}", where=str(path), remedy=f"write {_EXAMPLE}")
