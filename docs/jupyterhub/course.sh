#!/bin/sh
# One more course of a hub, as root: sh course.sh COURSE [ACCOUNT]
# The account, grader-COURSE unless another is named, gets the course in its home, which nobody else can enter, and the
# course's place in the exchange. A new account has no password.
set -eu
course=$1
grader=${2:-grader-$course}
id "$grader" >/dev/null 2>&1 || useradd --create-home --shell /bin/bash "$grader"
home=$(getent passwd "$grader" | cut -d: -f6)
chmod 700 "$home"

# everybody may write into the exchange, which nbgrader requires; nobody may move what belongs to another
install -d -m 755 /srv/nbgrader
install -d -m 1777 /srv/nbgrader/exchange
install -d -m 755 -o "$grader" -g "$grader" "/srv/nbgrader/exchange/$course"

cd "$home"
test -d "$course" || runuser -u "$grader" -- /srv/grader/bin/autograder new-course "$course"
grep -q /srv/nbgrader/exchange "$course/nbgrader_config.py" ||
    sed -i 's|^configure(|c.Exchange.root = "/srv/nbgrader/exchange"\n&|' "$course/nbgrader_config.py"
