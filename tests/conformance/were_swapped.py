"""Did nbgrader's own tests of its preprocessors go through ours?"""

from __future__ import annotations

import pytest

from tests.conformance.swapped import MADE, SWAPPED


@pytest.mark.parametrize("name", SWAPPED)
def test_nbgraders_tests_made_ours(name):
    """Was this class of ours made wherever nbgrader's tests made theirs?"""
    assert MADE[name] >= 10
