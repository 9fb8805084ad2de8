"""Which test files take longest, so that they begin first and no worker is left alone with one at the end.

Some folders share what is slow to make; their files run in one worker, one after another.

The figures come from one run; only their proportions matter. Write them anew:
`pytest -m "not slow" --junitxml=FILE`, then `python -m tests.support.costs FILE`.
"""

from __future__ import annotations

import sys
import tomllib
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

import pytest
from xdist.scheduler import LoadFileScheduling

COSTS = Path(__file__).with_name("costs.toml")
WORTH_NAMING_S = 3
"""Files that take less come last, in any order."""


TOGETHER = ("tests/attacks/artifacts", "tests/grading/clean_room")
"""Folders whose files share a warm process that has imported the frameworks, which takes six seconds."""


class LoadUnitScheduling(LoadFileScheduling):
    """Gives each worker a file at a time, or a folder of :data:`TOGETHER`."""

    def _split_scope(self, nodeid: str) -> str:
        return unit(nodeid)


def unit(nodeid: str) -> str:
    """What one worker gets at a time: the file of a test, or its folder."""
    file = nodeid.partition("::")[0]
    return next((folder for folder in TOGETHER if file.startswith(f"{folder}/")), file)


def longest_first(items: list[pytest.Item]) -> None:
    """Sort tests by the seconds that their file or folder takes; what costs the same keeps its order."""
    seconds: dict[str, float] = defaultdict(float)
    for file, cost in tomllib.loads(COSTS.read_text())["seconds"].items():
        seconds[unit(file)] += cost
    items.sort(key=lambda item: -seconds[unit(item.nodeid)])


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
