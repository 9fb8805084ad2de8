"""JSON as text with an indent, written in C.

Python's json module writes in Python as soon as there is an indent, a step for each value. msgspec does not.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec


def indented(value: Any, *, sort: bool = False) -> str:
    """JSON data as text: an indent of one blank, characters beyond ASCII as they are, no newline at the end.

    A NaN or an infinity becomes null, since JSON has neither. What msgspec does not know, such as a lone surrogate,
    json writes.

    Parameters
    ----------
    sort
        whether the keys of each object are in order
    """
    try:
        compact = msgspec.json.encode(value, order="sorted" if sort else None)
        return msgspec.json.format(compact, indent=1).decode()
    except (TypeError, ValueError, RecursionError):
        return json.dumps(value, indent=1, ensure_ascii=False, sort_keys=sort)
