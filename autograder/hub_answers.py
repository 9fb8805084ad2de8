"""What a hub and one of its servers answer to that server's own token."""

from __future__ import annotations

import json
import os
import re
import urllib.error
import urllib.request
from typing import Any

from autograder.doctor import Finding

PAGE = "docs/jupyterhub.md"
_ASK_S = 20


def ask(path: str) -> Any:
    """What the hub's API answers to this server's token."""
    with _opened(f"{os.environ['JUPYTERHUB_API_URL'].rstrip('/')}{path}") as answer:
        return json.load(answer)


def _opened(address: str) -> Any:
    """The answer of an address to this server's token."""
    about = {"Authorization": f"token {os.environ['JUPYTERHUB_API_TOKEN']}"}
    return urllib.request.urlopen(urllib.request.Request(address, headers=about), timeout=_ASK_S)


def refused(error: OSError) -> str:
    """Why there is no answer, in a few words."""
    return f"it answers {error.code}" if isinstance(error, urllib.error.HTTPError) else str(error)


def formgrader(name: str) -> list[Finding]:
    """The formgrader's page as the server of this name answers it, and who may show it in a frame."""
    prefix = os.environ["JUPYTERHUB_SERVICE_PREFIX"]
    fallback = f"{os.environ.get('JUPYTERHUB_SERVICE_URL', '').partition(prefix)[0].rstrip('/')}{prefix}"
    address = f"{(os.environ.get('JUPYTER_SERVER_URL') or fallback).rstrip('/')}/formgrader/manage_assignments"
    try:
        with _opened(address) as answer:
            policy = " ".join(answer.headers.get_all("Content-Security-Policy") or [])
    except OSError as error:
        remedies = {
            403: f"give this server's role access:services!service={name}",
            404: "'jupyter server extension enable --sys-prefix nbgrader.server_extensions.formgrader'",
            500: "let the server's root folder contain the course's",
        }
        remedy = remedies.get(getattr(error, "code", 0), "see the server's log")
        return [Finding("formgrader", False, f"{address}: {refused(error)}; {remedy}")]
    own = f"{prefix}formgrader/"
    return [Finding("formgrader", True, f"{address} answers"), _panel(policy, own)]


def _panel(policy: str, own: str) -> Finding:
    """Whether JupyterLab can show the formgrader in its panel; the page also has an address of its own."""
    if re.search(r"frame-ancestors 'none'", policy):
        text = f"it stays blank (frame-ancestors 'none'): open {own} in a tab of its own, or see {PAGE}"
        return Finding("panel", False, text, needed=False)
    hub = os.environ.get("JUPYTERHUB_HOST", "")
    if hub:
        return Finding("panel", True, f"it shows the formgrader; servers have domains of their own at {hub}")
    text = "it shows the formgrader, and so can a page of any student's server at the hub's one address"
    return Finding("panel", True, f"{text}: see {PAGE}")
