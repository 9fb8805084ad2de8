"""The platform's exceptions, and who is responsible for each.

::

    Exception
    ├── BadInput          the user: one line that says what, where and what to do; exit code 2
    ├── PlatformFault     the platform or the machine: the test is `broken`; exit code 3
    │   └── GradersFault      the hidden tests cannot be run, whoever's notebook it is: a class is stopped
    ├── CheckFailed       a property does not hold: the test `failed`
    └── StudentError      the student's code raised: the test is an `error`
        ├── StudentTimeout    it did not finish in time: `timeout`
        │   └── NotRun            it was not started, because the time was used up before
        └── StudentCrash      its process ended: `crashed`
"""

from __future__ import annotations

import errno


class BadInput(Exception):
    """The user's input cannot be used. The message is one line: what, where, and what to do."""


class PlatformFault(Exception):
    """The platform, a grader or the machine failed. The student must not lose points for it."""


class GradersFault(PlatformFault):
    """The hidden tests cannot be run, whoever's notebook they would grade."""


def raise_if_full(error: BaseException) -> None:
    """Raise an error again if it says that the disk is full: that is not one student's, and meets everybody."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO):
        raise error


class CheckFailed(AssertionError):
    """A property does not hold. The message is shown to the student, so it names no expected value."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.hint = hint
        super().__init__(message)


class StudentError(Exception):
    """The student's code raised. This is a copy of the facts: the original exception object never crosses the wall.

    Attributes
    ----------
    types
        names of the exception's class and its bases, most derived first
    message
        its text, of limited length
    traceback
        the student's frames as text, without the platform's
    subject
        what raised, as the first words of the message to the student: their code, or an artifact that it exported
    """

    subject = "Your code"

    def __init__(self, types: tuple[str, ...], message: str, traceback: str = "") -> None:
        self.types = types
        self.message = message
        self.traceback = traceback
        super().__init__(f"{types[0] if types else 'Exception'}: {message}")


class StudentTimeout(StudentError):
    """The student's code did not finish within its limit."""

    def __init__(self, limit: str) -> None:
        super().__init__(("TimeoutError",), f"stopped after {limit}")


class NotRun(StudentTimeout):
    """The test was not run, because there was no time left for it."""

    subject = "This test"

    def __init__(self, reason: str) -> None:
        StudentError.__init__(self, ("TimeoutError",), f"not run: {reason}")


class StudentCrash(StudentError):
    """The student's process ended while its code ran."""

    def __init__(self, message: str = "the kernel died") -> None:
        super().__init__(("KernelDied",), message)
