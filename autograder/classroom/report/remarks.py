"""Which comments for a group the instructor has written; `autograder comment` puts them into the gradebook."""

from __future__ import annotations

import json
from pathlib import Path

from autograder.bridge.course_settings import CourseSettings
from autograder.errors import BadInput
from autograder.notebook.files import write_whole
from autograder.reports.class_report.data import Remark

REMARKS = "remarks.json"


def remarks_file(settings: CourseSettings) -> Path:
    """The file with the remarks of a course, in the folder of the class."""
    return settings.report_folder / REMARKS


def read_remarks(settings: CourseSettings) -> dict[str, dict[str, Remark]]:
    """The remarks by sprint and by the id of a signature or message.

    Raises
    ------
    BadInput
        when the file cannot be read; without it, remarks could not be taken back.
    """
    path = remarks_file(settings)
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
        return {
            sprint: {
                name: Remark(str(one["text"]), tuple(map(str, one["students"])), tuple(map(str, one["cells"])))
                for name, one in remarks.items()
            }
            for sprint, remarks in said.items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise BadInput(f"{path} cannot be read ({error}): restore it, or take the comments back by hand") from None


def write_remarks(settings: CourseSettings, remarks: dict[str, dict[str, Remark]]) -> None:
    """Write the remarks completely or not at all."""
    said = {sprint: {name: vars(one) for name, one in of.items()} for sprint, of in remarks.items() if of}
    settings.report_folder.mkdir(parents=True, exist_ok=True)
    write_whole(remarks_file(settings), json.dumps(said, ensure_ascii=False, indent=1), durable=True)
