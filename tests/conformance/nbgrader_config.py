"""This project's preprocessors, exporter and exchange; of folders, nbgrader's tests bring their own."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from autograder.bridge.config import configure_grading

configure_grading(get_config())  # type: ignore[name-defined] # noqa: F821
