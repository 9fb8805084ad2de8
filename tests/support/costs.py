"""Which test files take longest, so that they begin first and no worker is left alone with one at the end.

Write the figures anew: `pytest -m "not slow" --junitxml=FILE`, then `python -m tests.support.costs FILE`.
"""

from __future__ import annotations

import sys
import tomllib
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

import pytest

COSTS = Path(__file__).with_name("costs.toml")
WORTH_NAMING_S = 3
"""Files that take less come last, in any order."""


def longest_first(items: list[pytest.Item]) -> None:
    """Sort tests by the seconds that their file takes; what costs the same keeps its order."""
    seconds = tomllib.loads(COSTS.read_text())["seconds"]
    items.sort(key=lambda item: -seconds.get(item.nodeid.partition("::")[0], 0))


def measured(junit: Path) -> dict[str, int]:
    """The seconds of each file that is worth naming, from what pytest has written; the longest first."""
    seconds: dict[str, float] = defaultdict(float)
    for case in ElementTree.parse(junit).iter("testcase"):
        seconds[case.attrib["classname"].replace(".", "/") + ".py"] += float(case.attrib["time"])
    longest = sorted(seconds.items(), key=lambda pair: -pair[1])
    return {name: round(cost) for name, cost in longest if round(cost) >= WORTH_NAMING_S}


def write(seconds: dict[str, int]) -> None:
    """Write the file that is read by :func:`longest_first`."""
    lines = [f'"{name}" = {cost}\n' for name, cost in seconds.items()]
    COSTS.write_text("# written by `python -m tests.support.costs`\n[seconds]\n" + "".join(lines))


if __name__ == "__main__":
    write(measured(Path(sys.argv[1])))
