"""The package of traces as others see it."""

from __future__ import annotations

import pytest

from agentops_eval import traces


@pytest.mark.parametrize("name", traces.__all__)
def test_every_public_name_is_there(name):
    """Names are imported on first use, and each has its home."""
    assert getattr(traces, name) is not None
    assert name in dir(traces)


def test_homes_and_public_names_are_the_same():
    """A name that is imported lazily is listed, and the reverse."""
    assert sorted(traces._PLACES) == sorted(traces.__all__)


def test_other_names_are_not_there():
    """An unknown name is an AttributeError, as in any module."""
    with pytest.raises(AttributeError, match="nonsense"):
        _ = traces.nonsense
