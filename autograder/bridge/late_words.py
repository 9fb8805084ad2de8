"""What lateness costs, in words: the rule, and what it meant for one submission, in English and Japanese."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from autograder.bridge.times import in_full

DAY = 86_400
_WORDS = {
    "en": {
        "release": "**Due: {due}.** {rule} If your instructor moves the date, the new one counts.",
        "nothing_late": "What is handed in late does not count.",
        "free": "Lateness costs no points.",
        "free_until": "Lateness costs no points; after {days} nothing counts.",
        "grace": " after {days} of grace",
        "cost": "Every day begun{grace} costs {percent:g} % of the points earned.",
        "cost_until": "Every day begun{grace} costs {percent:g} % of the points earned; after {days} nothing counts.",
        "late": "Handed in {duration} after the due date",
        "cut_off": "{late}, which is more than {days}: it does not count.",
        "zero": "{late}: it does not count.",
        "no_penalty": "{late}; no points are taken off.",
        "penalty": "{late}. The rule: {percent:g} % of the points earned for every day begun{grace}, so for {days}"
        " {penalty:.4g} of {score:g} points.",
    },
    "ja": {
        "release": "**締め切り: {due}**。{rule}締め切りが変更された場合は、新しい締め切りに従います。",
        "nothing_late": "締め切りに遅れた提出は採点の対象になりません。",
        "free": "遅れても減点はありません。",
        "free_until": "遅れても減点はありませんが、{days}を過ぎた提出は採点の対象になりません。",
        "grace": "（最初の {days}は猶予）",
        "cost": "遅れ 1 日ごとに{grace}、得点の {percent:g} % を減点します（1 日未満は切り上げ）。",
        "cost_until": "遅れ 1 日ごとに{grace}、得点の {percent:g} % を減点します（1 日未満は切り上げ）。"
        "{days}を過ぎた提出は採点の対象になりません。",
        "late": "締め切りから{duration}遅れて提出されました",
        "cut_off": "{late}。期限の {days}を過ぎているため、採点の対象になりません。",
        "zero": "{late}。採点の対象になりません。",
        "no_penalty": "{late}。減点はありません。",
        "penalty": "{late}。規則: 遅れ 1 日ごとに{grace}得点の {percent:g} %（1 日未満は切り上げ）。"
        "{days}分として、{score:g} 点から {penalty:.4g} 点を減点しました。",
    },
}
_UNITS = {"day": " 日", "hour": " 時間", "minute": " 分"}


def say(key: str, language: str, **about: object) -> str:
    """A sentence in a language; English if there is no other."""
    return _WORDS.get(language, _WORDS["en"])[key].format(**about)


def in_days(number: float, language: str) -> str:
    """A number of days in words."""
    return f"{number:g} 日" if language == "ja" else f"{number:g} day{'s' * (number != 1)}"


def duration(seconds: float, language: str) -> str:
    """A duration in words, rounded up to minutes."""
    minutes = math.ceil(seconds / 60)
    parts = [(minutes // 1440, "day"), (minutes % 1440 // 60, "hour"), (minutes % 60, "minute")]
    if language == "ja":
        return "".join(f" {number}{_UNITS[unit]}" for number, unit in parts if number) + " "
    return " ".join(f"{number} {unit}{'s' * (number != 1)}" for number, unit in parts if number)


def moment(stored: datetime, zone: str) -> str:
    """A time as the gradebook has it, UTC without a zone, in full in the course's time zone."""
    try:
        local = stored.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    except (KeyError, ValueError, OSError):  # a name that the course's configuration has and no database knows
        local = stored.replace(tzinfo=UTC)
    return in_full(local)
