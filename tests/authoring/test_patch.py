"""Are edits made where they fit, and refused in one clear line where they do not?"""

from __future__ import annotations

import re

import pytest

from autograder.authoring.patch import patched

SOURCE = """\
def steps(n):
    count = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        count += 1

    return count


def twice(n):
    count = 0
    return count + 2 * n"""


@pytest.mark.parametrize(
    ("patch", "old", "new"),
    [
        ("-    while n != 1:\n+    while n > 1:", "n != 1", "n > 1"),
        ("-        count += 1", "        count += 1\n", ""),
        ("     while n != 1:\n+        assert n", "!= 1:\n", "!= 1:\n        assert n\n"),
        ("+import math\n+\n def steps(n):", "def steps(n):", "import math\n\ndef steps(n):"),
        (" def twice(n):\n-    count = 0\n+    count = 1", "twice(n):\n    count = 0", "twice(n):\n    count = 1"),
        ("-        count += 1\n\n-    return count", "        count += 1\n\n    return count\n\n", "\n\n"),
        ("-        count += 1\n   \n-    return count", "        count += 1\n\n    return count\n\n", "\n\n"),
        ("     return count + 2 * n\n+\n+\n+one = 1", "2 * n", "2 * n\n\n\none = 1"),
        ("\n\n-    return count + 2 * n\n+    return 2 * n\n\n", "count + ", ""),
    ],
)  # fmt: skip
def test_an_edit_is_made_where_it_fits(patch: str, old: str, new: str) -> None:
    """Do lines go, come and stay, at the beginning, in the middle and at the end, empty ones included?"""
    assert SOURCE.count(old) == 1
    assert patched(SOURCE, patch) == SOURCE.replace(old, new)


@pytest.mark.parametrize("head", ["@@", "@@ -1,2 +1,2 @@ def steps(n):"])
def test_several_edits_find_their_places_in_the_text_as_it_was(head: str) -> None:
    """In any order, also where one makes a line that another one looks for, and with numbers that nobody reads?"""
    last = "-    return count + 2 * n\n+    while n != 1:\n+        pass"
    first = "-    while n != 1:\n+    while n:"
    changed = SOURCE.replace("while n != 1", "while n").replace("return count + 2 * n", "while n != 1:\n        pass")
    assert patched(SOURCE, f"{head}\n{last}\n{head}\n{first}\n") == changed


@pytest.mark.parametrize(
    ("patch", "complaint"),
    [
        ("-    while n > 1:", "the reference has no line 'while n > 1:': copy the old lines from there"),
        ("-  while n != 1:", "the reference has no line 'while n != 1:' indented like this: copy the old lines"),
        (" def steps(n):\n-    return count", "the lines from 'def steps(n):' on, but not one after another as here"),
        ("-    count = 0", "the reference has 'count = 0' in 2 places: add a line before or after it"),
        ("     count = 0\n+    n = 1", "the reference has 'count = 0' in 2 places: add a line before or after it"),
        ("     while n != 1:", "begins with 'while n != 1:' changes nothing: mark lines with '-' and '+'"),
        ("-    while n != 1:\n+    while n != 1:", "begins with '-    while n != 1:' changes nothing: mark lines"),
        ("+    n = 1", "the edit that begins with '+    n = 1' has no old line: add one before or after it"),
        ("\n+    n = 1\n ", "the edit that begins with '+    n = 1' has no old line: add one before or after it"),
        ("def steps(n):", "the line 'def steps(n):' begins with neither ' ', '-' nor '+': say which it is"),
        ("     while n != 1:\n+    n = 1\n@@\n-    while n != 1:", "take the line 'while n != 1:': make one of them"),
        ("-    n = " + "x" * 100, f"the reference has no line 'n = {'x' * 55}…': copy"),
        ("@@\n", "there is no edit: write lines that begin with ' ', '-' or '+'"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(patch: str, complaint: str) -> None:
    """Does the one line say what is wrong and what to do?"""
    with pytest.raises(ValueError, match=re.escape(complaint)) as caught:
        patched(SOURCE, patch)
    assert "\n" not in str(caught.value)
