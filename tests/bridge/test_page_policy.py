"""Who may show the formgrader in a frame?"""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from autograder.bridge.formgrader import PAGE_POLICY, _page_policy


@pytest.mark.parametrize(
    ("headers", "framed"),
    [
        ({}, "frame-ancestors 'self'"),
        ({"Content-Security-Policy": "frame-ancestors 'none'"}, "frame-ancestors 'none'"),
        ({"Content-Security-Policy": "frame-ancestors 'none';report-uri /hub/csp"}, "frame-ancestors 'none'"),
        ({"Content-Security-Policy": "default-src *; frame-ancestors https://a.org"}, "frame-ancestors https://a.org"),
        ({"Content-Security-Policy": "default-src *"}, "frame-ancestors 'self'"),
    ],
)
def test_the_server_says_who_may_frame_it_and_the_rest_stays_ours(headers: dict[str, str], framed: str) -> None:
    """A server of a hub forbids it to all; JupyterLab on its own says nothing, and its panel shows the formgrader."""
    handler = SimpleNamespace(settings={"headers": headers})
    assert _page_policy(handler) == f"{PAGE_POLICY}; {framed}"
