"""`autograder report` and `autograder comment`: collects a class's results, makes the pages, comments on groups."""
