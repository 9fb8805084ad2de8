"""The top of the page that a student reads: what it comes to, what to do first, and every task with its tests."""
