"""Attacks as whole notebooks, by what they are after."""

from __future__ import annotations

from tests.attacks.submissions import breaking, escaping, exhausting, forging, injecting, spying, surviving, waiting

FAMILIES = {
    "forging": forging.SUBMISSIONS,
    "spying": spying.SUBMISSIONS,
    "injecting": injecting.SUBMISSIONS,
    "escaping": escaping.SUBMISSIONS,
    "exhausting": exhausting.SUBMISSIONS,
    "surviving": surviving.SUBMISSIONS,
    "breaking": breaking.SUBMISSIONS,
    "waiting": waiting.SUBMISSIONS,
}
SUBMISSIONS = [submission for family in FAMILIES.values() for submission in family]
