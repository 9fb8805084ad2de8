"""The platform: hidden pytest graders on one side, the student's kernel on the other, only data between."""

__version__ = "0.1.0"
