"""Is a roster that cannot be used refused in one line?"""

from __future__ import annotations

import pytest
from nbgrader.exchange import ExchangeError

from tests.support.git_courses import Course


@pytest.mark.parametrize(
    ("roster", "said"),
    [
        (None, "there is no roster"),
        ("name\nada\n", "the first line must name"),
        ("student_id\nada\nada\n", "line 3: 'ada' is there twice"),
        ("student_id,url\nada,x.git\nbob,x.git\n", "line 3: 'bob' has another student's repository"),
        ("student_id\n../ada\n", "line 2: '../ada' cannot be a student_id"),
        ("student_id\n*\n", "cannot be a student_id"),
        ("student_id,url\nada,ext::sh -c id\n", "is not an address"),
        ("student_id,url\nada,--upload-pack=id\n", "is not an address"),
        ("student_id,url,branch\nada,,--all\n", "cannot be a branch"),
        ("student_id,url\nada,a.git,x,y\n", "more values than columns"),
    ],
)
def test_a_roster_that_cannot_be_used(course: Course, roster: str | None, said: str) -> None:
    """Is it one line that says where?"""
    (course.root / "roster.csv").unlink()
    if roster is not None:
        (course.root / "roster.csv").write_text(roster)
    with pytest.raises(ExchangeError, match=said.replace("*", r"\*").replace("(", r"\(")):
        course.collect()
