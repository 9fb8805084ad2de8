#!/usr/bin/env bash
# nbgrader 0.9.6.
# The formgrader fills its field "Timezone as UTC offset" with to_numeric_tz(the server's time zone), as in "+0200", and
# stores date and offset by way of parse_utc, which takes the offset for a number of seconds. An offset with a colon, and
# the abbreviation of a zone, count for nothing. Every submission is then late, or in time, by another clock.
# Seen: 23:59 +0200 is stored as 23:55:40 (21:59 is right); 23:59 +02:00 and 23:59 JST as 23:59; a zone's name is right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
export PATH="$folder/venv/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1
pip install --quiet nbgrader==0.9.6
cd "$folder"
python -W ignore - <<'PROGRAM'
import sys

from nbgrader.api import Gradebook
from nbgrader.utils import to_numeric_tz

written = to_numeric_tz("Africa/Johannesburg")  # two hours, summer and winter
stored = {}
with Gradebook("sqlite:///gradebook.db") as gradebook:
    for zone in (written, "+02:00", "JST", "Africa/Johannesburg"):
        assignment = gradebook.update_or_create_assignment("ps1", duedate=f"2026-06-30 23:59 {zone}")
        stored[zone] = f"{assignment.duedate:%H:%M:%S}"
print("23:59 in a zone, as it is stored in UTC:", stored)
sys.exit(stored != {"+0200": "23:55:40", "+02:00": "23:59:00", "JST": "23:59:00", "Africa/Johannesburg": "21:59:00"})
PROGRAM
