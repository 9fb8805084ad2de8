#!/usr/bin/env bash
# nbgrader 0.9.6, python-dateutil 2.9.0.post0 (4.0.0 does the same).
# zip_collect takes the time of a submission from the name of its file. Names as in nbgrader's documentation,
# "ps1_hacker_attempt_2016-01-30-20-30-10_problem1.ipynb", go to dateutil's parser, which reads the last two numbers as
# minus ten hours from UTC and drops the minutes. Lateness is counted from the result.
# Seen: handed in at 20:30:10 is noted as 06:00:00 on the next day; ten minutes later is the same time.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
export PATH="$folder/venv/bin:$PATH" PIP_DISABLE_PIP_VERSION_CHECK=1
pip install --quiet nbgrader==0.9.6 python-dateutil==2.9.0.post0
mkdir -p "$folder/course/release/ps1" "$folder/course/downloaded/ps1/archive"
cd "$folder/course"
python -c 'import nbformat.v4 as v4, nbformat; nbformat.write(v4.new_notebook(), "release/ps1/problem1.ipynb")'
for who in hacker_attempt_2016-01-30-20-30-10 bitdiddle_attempt_2016-01-30-20-40-10; do
    cp release/ps1/problem1.ipynb "downloaded/ps1/archive/ps1_${who}_problem1.ipynb"
done
nbgrader zip_collect ps1 2> /dev/null \
    --FileNameCollectorPlugin.named_regexp='.+_(?P<student_id>\w+)_attempt_(?P<timestamp>[0-9\-]+)_(?P<file_id>\w+)'
for who in hacker bitdiddle; do
    seen=$(cat "submitted/$who/ps1/timestamp.txt")
    echo "$who: $seen"
    [ "$seen" = "2016-01-31 06:00:00" ]
done
