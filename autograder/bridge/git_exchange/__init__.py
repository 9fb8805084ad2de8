"""nbgrader's exchange over git: releases, submissions and feedback in repositories on any host or on this machine."""

from __future__ import annotations

from typing import Any

from autograder.bridge.git_exchange.collect import GitCollect
from autograder.bridge.git_exchange.exchange import GitExchange
from autograder.bridge.git_exchange.feedback import GitFetchFeedback, GitReleaseFeedback
from autograder.bridge.git_exchange.list import GitList
from autograder.bridge.git_exchange.release import GitFetchAssignment, GitReleaseAssignment
from autograder.bridge.git_exchange.submit import GitSubmit

__all__ = [
    "GitCollect",
    "GitExchange",
    "GitFetchAssignment",
    "GitFetchFeedback",
    "GitList",
    "GitReleaseAssignment",
    "GitReleaseFeedback",
    "GitSubmit",
    "use_git",
]


def use_git(c: Any) -> None:
    """Make nbgrader's commands and buttons exchange over git."""
    c.ExchangeFactory.exchange = GitExchange
    c.ExchangeFactory.release_assignment = GitReleaseAssignment
    c.ExchangeFactory.fetch_assignment = GitFetchAssignment
    c.ExchangeFactory.submit = GitSubmit
    c.ExchangeFactory.collect = GitCollect
    c.ExchangeFactory.list = GitList
    c.ExchangeFactory.release_feedback = GitReleaseFeedback
    c.ExchangeFactory.fetch_feedback = GitFetchFeedback
