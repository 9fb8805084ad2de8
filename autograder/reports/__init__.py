"""The report formats: terminal, Markdown, HTML, JUnit, CI annotations, Gradescope."""
