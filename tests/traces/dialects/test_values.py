"""Values of attributes, read as what they spell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentops_eval.traces.dialects._values import json_text, loose


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_survives_being_spelt(number: float) -> None:
    """A number as JSON, read again as a string, is that number in the same spelling."""
    once = json_text(number)
    assert json_text(once) == once
    assert loose(once) == number


@pytest.mark.parametrize("text", ["007", "1e5", "0.12345678901234567891", "1e400", "-", "", "1.", "9" * 401])
def test_what_would_be_spelt_otherwise_stays_a_string(text: str) -> None:
    """Digits that a number would lose are kept as the text they came as."""
    assert loose(text) == text
