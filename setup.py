"""What pyproject.toml cannot say: a wheel holds nothing that an earlier build has left in ``build/``."""

from __future__ import annotations

import shutil

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildAnew(build_py):
    """setuptools packs whatever lies in its build folder, hidden tests too if an earlier build has put some there."""

    def run(self) -> None:
        """Empty the folder, then copy the package into it; an editable installation has none."""
        if not self.editable_mode:
            shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()


setup(cmdclass={"build_py": BuildAnew})
