"""`nbgrader validate` and the Validate button execute a notebook by the policy of the sandbox, too."""

from __future__ import annotations

import functools
import sys
from typing import Any

from nbgrader.preprocessors import Execute
from nbgrader.validator import Validator

from autograder.bridge.execute import RunNotebook
from autograder.errors import BadInput, PlatformFault

HANDLERS = "nbgrader.server_extensions.validate_assignment.handlers"
REFUSED = "nothing was validated: "


def install() -> None:
    """Change nbgrader's validator, once; no setting can replace its preprocessors."""
    stock = Validator.validate
    if not getattr(stock, "by_policy", False):

        @functools.wraps(stock)
        def validate(self: Any, filename: str) -> Any:
            self.preprocessors = [RunNotebook if step is Execute else step for step in self.preprocessors]
            try:
                return stock(self, filename)
            except (BadInput, PlatformFault) as error:
                if hasattr(self.parent, "fail"):  # the command: one line, and exit code 1
                    self.parent.fail(f"{REFUSED}{error}")
                raise type(error)(f"{REFUSED}{error}") from None

        validate.by_policy = True  # type: ignore[attr-defined]
        Validator.validate = validate
    if HANDLERS in sys.modules:  # this is Jupyter's server, which has loaded the extension
        _say_in_one_line(sys.modules[HANDLERS].ValidateAssignmentHandler)


def _say_in_one_line(handler: Any) -> None:
    """Make the button show why nothing was validated, without a traceback."""
    stock = handler.validate_notebook
    if getattr(stock, "in_one_line", False):
        return

    @functools.wraps(stock)
    def validate_notebook(self: Any, path: str) -> Any:
        done = stock(self, path)
        value = done.get("value")
        if not done.get("success") and isinstance(value, str) and REFUSED in value:
            done["value"] = REFUSED + value.rpartition(REFUSED)[2].strip()
        return done

    validate_notebook.in_one_line = True  # type: ignore[attr-defined]
    handler.validate_notebook = validate_notebook
