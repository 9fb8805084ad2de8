"""nbgrader's configuration for this course.

nbgrader's commands and buttons read this file if they are started in this folder, if ``--course-dir`` names it, or
if it is on ``JUPYTER_CONFIG_PATH``. The paths do not depend on where they are started. To use it in another course,
call ``configure`` there too, or ``load_subconfig("nbgrader_config.py", path=<this folder>)``.

Environment variables change the configuration without an edit:

COURSE_DATA        the folder for submissions, grades, feedback and the gradebook (default: course/)
NBGRADER_DB_URL    the gradebook's database, an SQLAlchemy URL (default: gradebook.db in that folder)
NBGRADER_EXCHANGE  the folder that instructor and students exchange files in (default: exchange/ in that folder;
                   other users of a shared machine cannot enter that one, so name a folder that they can enter)
COURSE_EXCHANGE    folder (default) or git, which exchanges through repositories, see docs/ci.md
COURSE_ROSTER      with git: the CSV file with student_id, url, branch (default: roster.csv in the class's folder)
COURSE_TEMPLATE    with git: the address of the template repository (default: one in the exchange's folder)
COURSE_HOST_TOKEN  with git: a token for asking GitHub or GitLab when they received a push
COURSE_LANGUAGE    the language of the students' notebooks: en (default) or ja
AUTOGRADER_GRADERS the folder of the hidden tests (default: graders/, or autograder/graders/ if only that exists)

Late submissions lose no points by default. To change that, add some of these lines to the end
of this file: ``c.LatePolicy.grace_days = 1``, ``c.LatePolicy.penalty_per_day = 10`` (percent of the points earned, for
every day begun after the grace days), ``c.LatePolicy.cut_off_days = 7`` (nothing counts after that).
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:  # so that a checkout works without installing the package
    sys.path.insert(0, str(ROOT))

from autograder.bridge.config import configure  # noqa: E402

c = get_config()  # type: ignore[name-defined] # noqa: F821
configure(c, ROOT)
# the released notebook is in git, so in a fresh clone it exists before the gradebook knows the assignment
c.GenerateAssignment.force = True
# nbgrader leaves feedback alone until the student submits again, whatever grades and comments have become
c.GenerateFeedback.force = True
