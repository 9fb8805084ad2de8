"""Makes what students get of a sprint from its script: the instructor's notebook, and by nbgrader the released one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from autograder.authoring.pairing import script_path, sync
from autograder.bridge.course_settings import folders_in
from autograder.errors import BadInput
from autograder.text import harmless


def release(slug: str, root: Path) -> list[Path]:
    """Make a sprint's source notebook and its release; return their folders.

    Raises
    ------
    BadInput
        when the sprint has no script, or nbgrader refuses the notebook.
    """
    script = script_path(slug, root)
    if not script.is_file():
        raise BadInput(f"{script} is missing: 'autograder new-sprint {slug}' writes one")
    source = sync(slug, root).parent
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", slug, "--force"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, errors="replace", check=False)
    if done.returncode:
        lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
        said = next((line for line in lines if "| ERROR]" in line), lines[-1] if lines else "it says nothing")
        raise BadInput(f"nbgrader generate_assignment {slug}: {harmless(said)}")
    return [source, folders_in(root)[1] / slug]
