"""Every form in which results are shown: terminal, Markdown, HTML, JUnit, CI annotations, Gradescope."""
