"""Names of tests become names of files, and ``module:callable`` becomes something to call."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.domain import TargetInvalid
from agentops_eval.harness import case_paths, load_target, safe_case


def test_case_paths_lie_below_the_golden_folder() -> None:
    """A suite is a path below the folder, whatever it contains."""
    paths = case_paths(Path("golden_traces"), "tests/test_refund/TestRefund", "test_it")
    assert paths.cassette == Path("golden_traces/tests/test_refund/TestRefund/test_it.cassette.jsonl")
    assert paths.golden == Path("golden_traces/tests/test_refund/TestRefund/test_it.otlp.jsonl")
    assert case_paths(Path("g"), "../../etc", "x").golden == Path("g/etc/x.otlp.jsonl")


@given(st.text(min_size=1, max_size=200), st.text(max_size=200))
def test_file_names_are_safe_and_bounded(name: str, parameters: str) -> None:
    """Any test name gives a file name that every file system takes."""
    case = safe_case(name, parameters)
    assert case == case.encode("ascii").decode()
    assert not set(case) & set('/\\:*?"<>| ')
    assert 0 < len(case) <= 150
    assert case not in (".", "..")


@given(st.text(min_size=1), st.text(min_size=1))
def test_different_parameters_never_share_a_file(one: str, two: str) -> None:
    """Ids that look alike once made safe, or on a file system without case, stay apart."""
    if one != two:
        assert safe_case("test", one).lower() != safe_case("test", two).lower()


def test_target_is_found_and_called(tmp_path: Path) -> None:
    """Functions, attributes of classes and coroutines can be run with words."""
    (tmp_path / "shop_target.py").write_text(
        "import asyncio\n"
        "def refund(text): return f'got {text}'\n"
        "async def later(text):\n    await asyncio.sleep(0)\n    return text * 2\n"
        "class Box:\n    @staticmethod\n    def open(): return 'open'\n"
    )
    assert load_target("shop_target:refund", ["x"], root=tmp_path)() == "got x"
    assert load_target("shop_target:later", ["x"], root=tmp_path)() == "xx"
    assert load_target("shop_target:Box.open", root=tmp_path)() == "open"
    assert load_target("shop_target:refund", ["x"], root=tmp_path).name == "refund"


@pytest.mark.parametrize(
    ("spec", "arguments", "says"),
    [
        ("nonsense", [], "not module:callable"),
        ("no_such_module_here:x", [], "cannot import"),
        ("json:lods", [], "did you mean 'loads'"),
        ("json:__name__", [], "cannot be called"),
        ("json:loads", [], "cannot be called with 0"),
    ],
)
def test_targets_that_cannot_be_run(spec: str, arguments: list[str], says: str, tmp_path: Path) -> None:
    """Each mistake is named with what would be right."""
    with pytest.raises(TargetInvalid) as caught:
        load_target(spec, arguments, root=tmp_path)
    assert says in str(caught.value)
