"""Does lateness cost what the policy says, and does the student read why?"""

from __future__ import annotations

import pytest
from nbgrader.plugins import LateSubmissionPlugin
from traitlets import TraitError
from traitlets.config import Config

from autograder.bridge.config import configure_grading
from autograder.bridge.late import LatePolicy
from autograder.bridge.late_words import DAY


def policy(**settings: object) -> LatePolicy:
    return LatePolicy(config=Config(LatePolicy=settings))


@pytest.mark.parametrize(
    ("settings", "days", "penalty"),
    [
        ({}, 100, None),
        ({"penalty_per_day": 10}, 1 / DAY, 2),
        ({"penalty_per_day": 10}, 1, 2),
        ({"penalty_per_day": 10}, 1.01, 4),
        ({"penalty_per_day": 10}, 30, 20),
        ({"penalty_per_day": 10, "grace_days": 2}, 2, None),
        ({"penalty_per_day": 10, "grace_days": 2}, 2.5, 2),
        ({"penalty_per_day": 10, "grace_days": 0.5}, 0.5, None),
        ({"cut_off_days": 7}, 7, None),
        ({"cut_off_days": 7}, 7.01, 20),
        ({"cut_off_days": 0}, 0.01, 20),
        ({"penalty_per_day": 10, "grace_days": 9, "cut_off_days": 7}, 8, 20),
        ({"penalty_method": "zero"}, 0.01, 20),
    ],
)
def test_penalties(settings: dict[str, object], days: float, penalty: float | None) -> None:
    assert policy(**settings).late_submission_penalty("ada", 20, days * DAY) == penalty


@pytest.mark.parametrize("settings", [{"grace_days": -1}, {"penalty_per_day": 101}, {"cut_off_days": -0.5}])
def test_settings_that_mean_nothing_are_refused(settings: dict[str, float]) -> None:
    with pytest.raises(TraitError):
        policy(**settings)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "Lateness costs no points."),
        ({"cut_off_days": 7}, "Lateness costs no points; after 7 days nothing counts."),
        ({"penalty_per_day": 10}, "Every day begun costs 10 % of the points earned."),
        (
            {"penalty_per_day": 10, "grace_days": 1, "cut_off_days": 1.5},
            "Every day begun after 1 day of grace costs 10 % of the points earned; after 1.5 days nothing counts.",
        ),
        ({"penalty_method": "zero"}, "What is handed in late does not count."),
    ],
)
def test_the_rule_in_one_sentence(settings: dict[str, object], words: str) -> None:
    assert policy(**settings).rule() == words


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "遅れても減点はありません。"),
        ({"cut_off_days": 7}, "遅れても減点はありませんが、7 日を過ぎた提出は採点の対象になりません。"),
        ({"penalty_per_day": 10}, "遅れ 1 日ごとに、得点の 10 % を減点します（1 日未満は切り上げ）。"),
        (
            {"penalty_per_day": 10, "grace_days": 1, "cut_off_days": 1.5},
            "遅れ 1 日ごとに（最初の 1 日は猶予）、得点の 10 % を減点します（1 日未満は切り上げ）。"
            "1.5 日を過ぎた提出は採点の対象になりません。",
        ),
        ({"penalty_method": "zero"}, "締め切りに遅れた提出は採点の対象になりません。"),
    ],
)
def test_the_rule_in_japanese(settings: dict[str, object], words: str) -> None:
    assert policy(**settings).rule("ja") == words


def test_words_in_japanese() -> None:
    rule = policy(penalty_per_day=10, grace_days=1, cut_off_days=7)
    assert rule.in_words(2 * DAY + 3660, 20, 4, "ja") == (
        "締め切りから 2 日 1 時間 1 分 遅れて提出されました。規則: 遅れ 1 日ごとに（最初の 1 日は猶予）"
        "得点の 10 %（1 日未満は切り上げ）。2 日分として、20 点から 4 点を減点しました。"
    )
    assert "期限の 7 日を過ぎている" in rule.in_words(8 * DAY, 20, 20, "ja")


def test_a_cut_off_at_the_due_date_names_no_days() -> None:
    """Whatever else the course has set."""
    at_once = policy(penalty_method="zero", cut_off_days=7)
    assert at_once.in_words(59, 20, 20) == "Handed in 1 minute after the due date: it does not count."


def test_words() -> None:
    rule = policy(penalty_per_day=10, grace_days=1, cut_off_days=7)
    assert rule.in_words(2 * DAY + 3660, 20, 4) == (
        "Handed in 2 days 1 hour 1 minute after the due date. The rule: 10 % of the points earned for every day begun"
        " after 1 day of grace, so for 2 days 4 of 20 points."
    )
    assert rule.in_words(59, 20, 0) == "Handed in 1 minute after the due date; no points are taken off."
    assert "more than 7 days: it does not count" in rule.in_words(8 * DAY, 20, 20)


def test_it_is_the_policy_that_nbgrader_asks() -> None:
    c = Config()
    configure_grading(c)
    assert issubclass(c.AssignLatePenalties.plugin_class, LateSubmissionPlugin | LatePolicy)
    assert c.AssignLatePenalties.plugin_class is LatePolicy
