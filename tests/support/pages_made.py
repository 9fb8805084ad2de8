"""Pages made as nbgrader's feedback and formgrader make them, without a gradebook."""

from __future__ import annotations

import copy
from functools import cache
from pathlib import Path
from typing import Any

from nbconvert.exporters import HTMLExporter
from nbformat import NotebookNode
from nbgrader.server_extensions.formgrader import handlers
from traitlets.config import Config

from autograder.bridge.pages import configure_pages

STYLES = Path(handlers.template_path).parent / "static" / "node_modules" / "bootstrap" / "dist" / "css"
RESOURCES: dict[str, dict[str, Any]] = {
    "feedback": {"nbgrader": {"notebook": "doubling", "score": 1, "max_score": 2, "late_penalty": 0}},
    "formgrade": {
        "assignment_id": "doubling", "notebook_id": "doubling", "submission_id": "1", "index": 0, "total": 1,
        "base_url": "/", "student": "eve", "last_name": "", "first_name": "", "notebook_path": "/x",
    },
}  # fmt: skip


@cache
def exporter(template: str) -> HTMLExporter:
    """nbconvert's exporter as one of nbgrader's two pages has it."""
    c = Config()
    configure_pages(c)
    c.HTMLExporter.template_name = template
    c.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    c.HTMLExporter.extra_template_paths = [str(STYLES)]
    if template == "feedback":
        c.Exporter.default_preprocessors = []
    return HTMLExporter(config=c)


def page(nb: NotebookNode, template: str = "feedback") -> str:
    """A notebook's page."""
    html: str = exporter(template).from_notebook_node(nb, resources=copy.deepcopy(RESOURCES[template]))[0]
    return html
