"""Settings are read from three places with one precedence, and every mistake is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentops_eval.domain import ConfigInvalid, RecordingRefused
from agentops_eval.harness import KEYS, RecordMode, Settings, apply, load_settings, wrong_setting
from agentops_eval.harness._wrong import TOML_NOTATION, wrong_value


def _project(folder: Path, text: str) -> Path:
    (folder / "pyproject.toml").write_text(text)
    return folder


def test_defaults_without_any_file(tmp_path: Path) -> None:
    """Nothing configured means: replay only, everything strict that costs nothing."""
    assert load_settings(tmp_path, environ={}) == Settings()


def test_precedence(tmp_path: Path) -> None:
    """The command line beats the environment, which beats pyproject.toml."""
    root = _project(tmp_path, '[tool.agentops]\npace = 1.0\nmax_age_days = 10\nrecord = "none"\n')
    environ = {"AGENTOPS_PACE": "2.0", "AGENTOPS_MAX_AGE_DAYS": "20"}
    settings = load_settings(root, environ=environ, overrides={"pace": 3.0})
    assert (settings.pace, settings.max_age_days, settings.record) == (3.0, 20.0, RecordMode.NONE)


def test_lists_in_the_environment_are_comma_separated(tmp_path: Path) -> None:
    """A tuple setting takes several values from one variable."""
    settings = load_settings(tmp_path, environ={"AGENTOPS_ALLOWED_HOSTS": "localhost:5432, db"})
    assert settings.allowed_hosts == ("localhost:5432", "db")


def test_dashes_in_toml_keys(tmp_path: Path) -> None:
    """Both spellings of a key work in pyproject.toml."""
    root = _project(
        tmp_path, "[tool.agentops]\nany-host = true\n[tool.agentops.redact-patterns]\nbadge = 'B-[0-9]+'\n"
    )
    settings = load_settings(root, environ={})
    assert settings.any_host
    assert settings.redaction_rules.patterns == (("badge", "B-[0-9]+"),)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[tool.agentops]\nrecrod = 'none'\n", "did you mean 'record'"),
        ("[tool.agentops]\nrecord = 'sometimes'\n", "sometimes"),
        ("[tool.agentops]\nignore = 3\n", "ignore"),
        ("[tool]\nagentops = 3\n", "not a table"),
        ("[tool.agentops\n", "cannot be read"),
    ],
)
def test_mistakes_in_pyproject(tmp_path: Path, text: str, says: str) -> None:
    """Unknown names, wrong types and broken files say what and where."""
    with pytest.raises(ConfigInvalid) as caught:
        load_settings(_project(tmp_path, text), environ={})
    assert says in str(caught.value)
    assert "pyproject.toml" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("pace = 'fast'", "pace = 0.5"),
        ("max_age_days = '30 days'", "max_age_days = 30"),
        ("strict = 'off'", "strict = false"),
        ("record = 'One'", 'record = "once"'),
        ("record = true", 'record = "none"'),
        ("ignore = '$.a'", 'ignore = ["$.a"]'),
        ("ignore = [3]", 'ignore = ["3"]'),
        ("golden_dir = 3", 'golden_dir = "3"'),
        ("redact_patterns = 'x'", 'redact_patterns = {badge = "B-[0-9]+"}'),
        ("attribution = 'team'", 'attribution = {team = ["team", "org.team"]}'),
    ],
)
def test_a_wrong_value_is_told_in_our_words(tmp_path: Path, text: str, remedy: str) -> None:
    """The error names setting and value, says what it takes, and ends in a line that would do."""
    with pytest.raises(ConfigInvalid) as caught:
        load_settings(_project(tmp_path, f"[tool.agentops]\n{text}\n"), environ={})
    assert caught.value.what.startswith(f"the setting {text.partition(' ')[0]} cannot be ")
    assert caught.value.difference.startswith("it takes ")
    assert caught.value.remedy == remedy
    assert "Expected" not in str(caught.value)
    load_settings(_project(tmp_path, f"[tool.agentops]\n{remedy}\n"), environ={})


@pytest.mark.parametrize(
    ("variable", "value", "remedy"),
    [
        ("AGENTOPS_STRICT", "maybe", "AGENTOPS_STRICT=true"),
        ("AGENTOPS_RECORD", "al", "AGENTOPS_RECORD=all"),
        ("AGENTOPS_REDACT_PATTERNS", "B-1", "redact_patterns = {"),
        ("AGENTOPS_ATTRIBUTION", "team", "attribution = {"),
    ],
)
def test_remedies_are_written_as_their_place_writes_them(
    tmp_path: Path, variable: str, value: str, remedy: str
) -> None:
    """A wrong variable is mended as a variable, or in pyproject.toml where a variable cannot hold it."""
    with pytest.raises(ConfigInvalid) as caught:
        load_settings(tmp_path, environ={variable: value})
    assert remedy in caught.value.remedy


def test_an_unknown_setting_lists_the_known_ones(tmp_path: Path) -> None:
    """Beside the nearest name stand all of them."""
    with pytest.raises(ConfigInvalid) as caught:
        load_settings(_project(tmp_path, "[tool.agentops]\nMax-Age = 3\n"), environ={})
    assert caught.value.remedy == "did you mean 'max_age_days'?"
    assert all(key in caught.value.difference for key in KEYS)


def test_a_name_like_none_of_ours_has_a_remedy_too(tmp_path: Path) -> None:
    """Where no name is near, the fix lists them all, in lines that fit."""
    with pytest.raises(ConfigInvalid) as caught:
        load_settings(_project(tmp_path, "[tool.agentops]\nzzz = 3\n"), environ={})
    assert caught.value.remedy.startswith("use one of ")
    assert all(key in caught.value.remedy for key in KEYS)
    assert max(map(len, str(caught.value).splitlines())) <= 80


@pytest.mark.parametrize("key", KEYS)
def test_every_setting_says_what_it_takes(key: str) -> None:
    """A wrong value of any setting is told in words, with a line to paste, whatever its type is."""
    told = wrong_setting(key, object(), where="a test", notation=TOML_NOTATION)
    assert told.difference.startswith("it takes ")
    assert "of the type" not in told.difference
    assert told.remedy.startswith(f"{key} = ")


def test_a_type_that_no_setting_had_before_is_told_by_its_name() -> None:
    """An error about a setting never becomes one of ours."""
    told = wrong_value("port", "x", int | None, where="a test", notation=TOML_NOTATION)
    assert told.difference == "it takes a value of the type int"


def test_mistakes_in_the_environment(tmp_path: Path) -> None:
    """A variable with a wrong value names the environment."""
    with pytest.raises(ConfigInvalid, match="environment"):
        load_settings(tmp_path, environ={"AGENTOPS_PACE": "fast"})


@pytest.mark.parametrize("mode", ["once", "all"])
def test_ci_never_records(tmp_path: Path, mode: str) -> None:
    """With CI set, recording is refused, whoever asked for it."""
    with pytest.raises(RecordingRefused, match="CI=true"):
        load_settings(tmp_path, environ={"CI": "true", "AGENTOPS_RECORD": mode})


@pytest.mark.parametrize("value", ["", "0", "false"])
def test_ci_switched_off_records(tmp_path: Path, value: str) -> None:
    """An empty or false CI variable is no CI."""
    settings = load_settings(tmp_path, environ={"CI": value}, overrides={"record": "once"})
    assert settings.record is RecordMode.ONCE


def test_apply_names_its_place() -> None:
    """A mark with an unknown keyword is told so with the place it stands in."""
    with pytest.raises(ConfigInvalid, match="the cassette mark"):
        apply(Settings(), {"nope": 1}, where="the cassette mark")
    assert "record" in KEYS


def test_attribution_is_a_table_of_its_own(tmp_path: Path) -> None:
    """Attribute names by what they tell; the rest keeps its default, and a wrong word is an error."""
    text = '[tool.agentops.attribution]\nteam = ["cost_centre"]\n'
    found = load_settings(_project(tmp_path, text), environ={}).attributed_by
    assert (found.of("team"), found.of("tenant")[0]) == (("cost_centre",), "agentops.tenant")
    wrong = load_settings(_project(tmp_path, '[tool.agentops.attribution]\ntaem = ["x"]\n'), environ={})
    with pytest.raises(ConfigInvalid, match="did you mean 'team'"):
        wrong.attributed_by  # noqa: B018  # it is computed when it is asked for
