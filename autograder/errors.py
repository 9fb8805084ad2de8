"""Every exception of the platform, and who is to blame for it.

::

    Exception
    ├── BadInput          the user's: one line that says what, where and what to do; exit code 2
    ├── PlatformFault     ours, or the machine's: the test is `broken`, exit code 3
    ├── CheckFailed       a property does not hold: the test `failed`
    └── StudentError      the student's code raised: the test is an `error`
        ├── StudentTimeout    it did not come back in time: `timeout`
        └── StudentCrash      its process ended: `crashed`
"""

from __future__ import annotations


class BadInput(Exception):
    """What the user gave cannot be used. The message is one line: what, where, and what to do."""


class PlatformFault(Exception):
    """The platform, a grader or the machine failed; the student is not to pay for it."""


class CheckFailed(AssertionError):
    """A property does not hold. The message is shown to the student, so it names no expected value."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.hint = hint
        super().__init__(message)


class StudentError(Exception):
    """The student's code raised, as data: nothing of the original exception object crosses.

    Attributes
    ----------
    types
        names of the exception's class and its bases, most derived first
    message
        its text, bounded
    traceback
        the student's frames as text, without the platform's
    subject
        whose doing it was, as the message to the student begins: the student's code, or an artifact that it exported
    """

    subject = "Your code"

    def __init__(self, types: tuple[str, ...], message: str, traceback: str = "") -> None:
        self.types = types
        self.message = message
        self.traceback = traceback
        super().__init__(f"{types[0] if types else 'Exception'}: {message}")


class StudentTimeout(StudentError):
    """The student's code did not come back within its limit."""

    def __init__(self, limit: str) -> None:
        super().__init__(("TimeoutError",), f"stopped after {limit}")


class StudentCrash(StudentError):
    """The student's process ended while its code ran."""

    def __init__(self, message: str = "the kernel died") -> None:
        super().__init__(("KernelDied",), message)
