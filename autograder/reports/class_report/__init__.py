"""The class at a glance: what a whole class's results say, as values in and a page, CSV or JSON out."""
