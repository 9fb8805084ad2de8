"""Does pytest's capture file stay open, whoever wraps it?"""

from __future__ import annotations

import io
import sys
import warnings

import pytest

from tests.support.capture_guard import capture_files, release_from_absl


def test_a_stream_around_the_capture_file_cannot_close_it(pytestconfig: pytest.Config) -> None:
    """Whether it is closed or only forgotten: what is forgotten closes what it wraps."""
    files = capture_files(pytestconfig)
    if not files:
        pytest.skip("nothing is captured")
    for file in files:
        with pytest.raises(RuntimeError, match="captures the output of all tests"):
            file.close()
    wrapped = io.TextIOWrapper(files[-1])
    with pytest.raises(RuntimeError, match="captures the output of all tests"):
        wrapped.close()
    wrapped.detach()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        io.TextIOWrapper(files[-1])  # garbage at once
    assert [file.closed for file in files] == [False] * len(files)


def test_absls_handler_lets_the_capture_file_go(pytestconfig: pytest.Config) -> None:
    """It keeps the stderr of the test that imported it, and closes that where nbgrader configures logging later."""
    handler = pytest.importorskip("absl.logging").get_absl_handler().python_handler
    files = capture_files(pytestconfig)
    if not files:
        pytest.skip("nothing is captured")
    handler.setStream(files[0])
    release_from_absl()
    assert handler.stream is sys.__stderr__
