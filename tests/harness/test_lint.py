"""Lint as ``[tool.agentops.lint]`` configures it."""

from __future__ import annotations

import pytest

from agentops_eval.domain import ConfigInvalid, Level
from agentops_eval.harness import load_lint_config, load_settings


def written(folder, text):
    (folder / "pyproject.toml").write_text(
        "[tool.agentops]\nredact_allow = ['x.*']\n"
        f"attribution = {{authority = ['acme.mandate']}}\n[tool.agentops.lint]\n{text}\n"
    )
    return folder


def test_the_table_is_read_and_the_command_line_adds_to_it(tmp_path):
    """Every key arrives; a selection replaces, exceptions and destructive tools are added."""
    root = written(
        tmp_path,
        'select = ["AL1", "AL402"]\nignore = ["AL105"]\nlevels = {AL402 = "error"}\n'
        'destructive-tools = ["refund"]\nallowed_keys = ["gen_ai.acme.*"]',
    )
    config = load_lint_config(root)
    assert (config.select, config.ignore) == (("AL1", "AL402"), ("AL105",))
    assert config.levels == {"AL402": Level.ERROR}
    assert (config.destructive_tools, config.allowed_keys) == (("refund",), ("gen_ai.acme.*",))
    assert config.redaction.allow == ("x.*",)
    assert config.attribution.of("authority") == ("acme.mandate",)
    more = load_lint_config(root, select=["AL4"], ignore=["AL403"], destructive=["wipe"])
    assert (more.select, more.ignore) == (("AL4",), ("AL105", "AL403"))
    assert more.destructive_tools == ("refund", "wipe")
    assert load_settings(root, environ={}).redact_allow == ("x.*",)


def test_without_a_table_everything_is_checked(tmp_path):
    """No file, no settings."""
    config = load_lint_config(tmp_path)
    assert (config.select, config.ignore, config.levels) == ((), (), {})


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("ignroe = []", ("there is no setting 'ignroe' of lint", "did you mean 'ignore'?")),
        ('ignore = "AL101"', ("the setting ignore cannot be 'AL101'", 'ignore = ["AL101"]')),
        (
            'ignore = ["llm-unknwon"]',
            ("there is no lint rule 'llm-unknwon'", "did you mean AL101 (llm-unknown)?"),
        ),
        ('levels = {orphans = "warn"}', ("there is no lint rule 'orphans'", "AL702 (orphan)")),
        ('levels = {AL101 = "warning"}', ("cannot have the level 'warning'", "did you mean 'warn'?")),
        ("levels = 3", ("levels is not a table of texts", 'levels = {AL402 = "error"}')),
    ],
    ids=["name", "type", "rule", "leveled rule", "level", "levels"],
)
def test_what_is_wrong_is_told_with_the_nearest_that_is_right(tmp_path, text, parts):
    """Names, types, rules and levels are checked; the error names the table."""
    with pytest.raises(ConfigInvalid) as caught:
        load_lint_config(written(tmp_path, text))
    assert all(part in str(caught.value) for part in parts)
    assert "[tool.agentops.lint] in pyproject.toml" in caught.value.where


def test_a_table_that_is_none_is_told(tmp_path):
    """``lint = true`` is no table."""
    (tmp_path / "pyproject.toml").write_text("[tool.agentops]\nlint = true\n")
    with pytest.raises(ConfigInvalid, match="lint is not a table"):
        load_lint_config(tmp_path)
