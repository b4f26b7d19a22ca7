"""The settings of a session and of each test, in the core's order of precedence."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace

import pytest

from agentops_eval.domain import AgentopsError
from agentops_eval.harness import (
    INI_NOTATION,
    MARK_NOTATION,
    RecordMode,
    Settings,
    apply,
    load_settings,
    refuse_in_ci,
)
from pytest_agentops import _options
from pytest_agentops._items import Marked, Place, place_of, read_marks

BASE = pytest.StashKey[Settings]()


def check_settings(config: pytest.Config) -> None:
    """Read the session's settings; what is wrong with them is a usage error."""
    try:
        chosen = _options.from_command_line(config)
        refuse_in_ci(apply(base_settings(config), chosen, where="the command line"), os.environ)
    except AgentopsError as error:
        raise pytest.UsageError(str(error)) from None


def base_settings(config: pytest.Config) -> Settings:
    """What pyproject.toml, the ini file and the environment choose, in the core's order."""
    if BASE not in config.stash:
        settings = load_settings(config.rootpath)
        ini = _unless_in_environment(_options.from_ini(config))
        config.stash[BASE] = apply(settings, ini, where=_options.ini_place(config), notation=INI_NOTATION)
    return config.stash[BASE]


def settings_of(item: pytest.Item, marked: Marked) -> Settings:
    """The settings of one test: its mark over the ini file, the environment and options over the mark."""
    settings = base_settings(item.config)
    mark = _unless_in_environment(marked.settings)
    place = f"@pytest.mark.cassette of {item.nodeid}"
    settings = apply(settings, mark, where=place, notation=MARK_NOTATION)
    settings = apply(settings, _options.from_command_line(item.config), where="the command line")
    return refuse_in_ci(settings, os.environ)


def _unless_in_environment(values: object) -> dict[str, object]:
    """What the environment chooses wins over marks and ini files: leave it alone."""
    assert isinstance(values, dict)
    return {key: value for key, value in values.items() if f"AGENTOPS_{key.upper()}" not in os.environ}


def restrained(settings: Settings, place: Place) -> Settings:
    """A recording that belongs to another test is never replaced; only branches of it are recorded."""
    if not place.shared or (settings.branch and place.cassette.exists()):
        return settings
    return replace(settings, record=RecordMode.NONE)


def known_cassettes(items: Iterable[pytest.Item]) -> list[str]:
    """The cassette files that the collected tests use."""
    found = []
    for item in items:
        try:
            marked = read_marks(item)
            settings = settings_of(item, marked)
        except AgentopsError:  # told when the test runs
            continue
        place = place_of(item, marked.recording, item.config.rootpath / settings.golden_dir)
        found.append(str(place.cassette))
    return found
