"""nbgrader's configuration for this course.

Every nbgrader command and button reads this file when it is started in this folder, with ``--course-dir``
naming it, or anywhere with this folder on ``JUPYTER_CONFIG_PATH``; its paths do not depend on where that is.
Another course calls ``configure`` too, or ``load_subconfig("nbgrader_config.py", path=<this folder>)``.

Environment variables change it without an edit:

COURSE_DATA        folder of submissions, grades, feedback and the gradebook (default: course/)
NBGRADER_DB_URL    the gradebook's database, an SQLAlchemy URL (default: gradebook.db in that folder)
NBGRADER_EXCHANGE  the exchange between instructor and students (default: exchange/ in that folder, which
                   other users of a shared machine cannot enter: name one there that they can)
COURSE_EXCHANGE    folder (default), or git: repositories take the exchange's place, see docs/ci.md
COURSE_ROSTER      with git: the CSV file of student_id, url, branch (default: roster.csv in the class's folder)
COURSE_TEMPLATE    with git: the address of the template repository (default: one in the exchange's folder)
COURSE_HOST_TOKEN  with git: a token by which GitHub or GitLab say when they received a push
COURSE_LANGUAGE    language of the notebooks students get: en (default) or ja
AUTOGRADER_GRADERS folder of the hidden tests (default: graders/, or autograder/graders/ if only that exists)

Late submissions cost nothing unless lines at the end of this file say so: ``c.LatePolicy.grace_days = 1``,
``c.LatePolicy.penalty_per_day = 10`` (per cent of the points earned, for every day begun after the grace),
``c.LatePolicy.cut_off_days = 7`` (nothing counts after that), with ``c = get_config()`` before them.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
if str(ROOT) not in sys.path:  # a checkout works before the package is installed
    sys.path.insert(0, str(ROOT))

from autograder.bridge.config import configure  # noqa: E402

configure(get_config(), ROOT)  # type: ignore[name-defined] # noqa: F821
