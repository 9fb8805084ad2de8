"""When a host received a push, from GitHub's repository activities or GitLab's project events.

https://docs.github.com/en/rest/repos/repos#list-repository-activities,
https://docs.gitlab.com/api/events/#list-all-visible-events-for-a-project
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from http.client import HTTPException
from typing import Any
from urllib.error import URLError
from urllib.parse import quote, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from autograder.bridge.git_exchange.receipts import Push

HOSTS = {"github.com": "github", "gitlab.com": "gitlab"}
MAX_ANSWER = 8 << 20
_SHORT = re.compile(r"(?:[\w.-]+@)(?P<host>[\w.-]+):(?P<path>.+)")


class HostError(Exception):
    """The host did not say when it received pushes. The message is one line, without the token."""


class _NoRedirect(HTTPRedirectHandler):
    """Refuses redirects, which would send the token to another address."""

    def redirect_request(self, *_: Any) -> None:
        return None


def host_pushes(url: str, branch: str, token: str, kinds: dict[str, str], timeout: float) -> list[Push] | None:
    """The last pushes to a repository's branch by its host's clock, oldest first; None if the host is not in `kinds`.

    A host need not list each: GitLab tells of the last events of all branches, and of a push to many branches only how
    many they were.

    Parameters
    ----------
    token
        a token that may read the repository
    kinds
        ``github`` or ``gitlab`` for each host name, with the port if the address has one

    Raises
    ------
    HostError
        when the host does not answer as documented.
    """
    host, path, scheme = _split(url)
    kind = kinds.get(host)
    if kind == "github":
        base = "https://api.github.com" if host == "github.com" else f"{scheme}://{host}/api/v3"
        ref = quote(f"refs/heads/{branch}", safe="")
        asked = f"{base}/repos/{quote(path)}/activity?per_page=100&ref={ref}"
        headers = {"Accept": "application/vnd.github+json", "Authorization": f"Bearer {token}"}
        read = _github
    elif kind == "gitlab":
        asked = f"{scheme}://{host}/api/v4/projects/{quote(path, safe='')}/events?action=pushed&per_page=100"
        headers = {"PRIVATE-TOKEN": token}
        read = _gitlab
    else:
        return None
    try:
        found = [read(item, branch) for item in _get(asked, headers, timeout)]
    except (OSError, HTTPException, URLError, ValueError, KeyError, TypeError) as error:
        raise HostError(f"{host} does not say when it received what: {type(error).__name__} {error}"[:200]) from None
    oldest_first = (push for push in reversed(found) if push is not None)  # so that of one second, the last stays last
    return sorted(oldest_first, key=lambda push: push.time)


def _split(url: str) -> tuple[str, str, str]:
    """The host, the path of the repository, and the scheme of the host's API."""
    short = _SHORT.fullmatch(url) if "://" not in url else None
    if short:
        host, path, scheme = short["host"], short["path"], "https"
    else:
        parts = urlsplit(url)
        scheme = "http" if parts.scheme == "http" else "https"
        host = (parts.hostname or "") if parts.scheme == "ssh" else parts.netloc.rpartition("@")[2]
        path = parts.path
    return host.lower(), path.strip("/").removesuffix(".git"), scheme


def _get(url: str, headers: dict[str, str], timeout: float) -> list[Any]:
    with build_opener(_NoRedirect).open(Request(url, headers=headers), timeout=timeout) as answer:
        found = json.loads(answer.read(MAX_ANSWER))
    if not isinstance(found, list):
        raise ValueError("no list")
    return found


def _github(item: dict[str, Any], branch: str) -> Push | None:
    if item["ref"] != f"refs/heads/{branch}":
        return None
    return Push(str(item["after"]), datetime.fromisoformat(item["timestamp"]).timestamp())


def _gitlab(item: dict[str, Any], branch: str) -> Push | None:
    about = item["push_data"]
    if about["ref_type"] != "branch" or about["ref"] != branch or not about["commit_to"]:
        return None
    return Push(str(about["commit_to"]), datetime.fromisoformat(item["created_at"]).timestamp())
