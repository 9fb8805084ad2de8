"""The environment variables of a student's kernel, with a sandbox and without: nothing of the grader's own."""

from __future__ import annotations

import os
from pathlib import Path

GPU_ENVIRONMENT = {
    # all GPUs that are in view, or those that the instructor has chosen
    "CUDA_VISIBLE_DEVICES": os.environ.get("CUDA_VISIBLE_DEVICES"),
    # TensorFlow would take a GPU's whole memory, and leave PyTorch none
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
}
"""What is different where tests that need a GPU run; None: not set at all."""


def environment(home: str, *, temporary: str, fonts: str, gpu: bool = False) -> dict[str, str]:
    """The variables, but for ``PATH``.

    ``home``: the home folder. ``temporary``: the folder for temporary files. ``fonts``: where matplotlib keeps its
    list of fonts. ``gpu``: whether the kernel may use this machine's GPUs.
    """
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TZ") if name in os.environ}
    common: dict[str, str | None] = {
        "LANG": "C.UTF-8",
        **kept,
        "HOME": home,
        "USER": "student",
        "LOGNAME": "student",
        "IPYTHONDIR": f"{home}/.ipython",
        "TMPDIR": temporary,
        "MPLCONFIGDIR": fonts,
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "TF_ENABLE_ONEDNN_OPTS": "0",  # its results differ from one kind of CPU to another
        "CUDA_VISIBLE_DEVICES": "",
    }
    if gpu:
        common |= GPU_ENVIRONMENT
    return {name: value for name, value in common.items() if value is not None}


def font_lists() -> list[Path]:
    """This user's font lists of matplotlib, which take seconds to make anew."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "matplotlib"
    return sorted(cache.glob("fontlist-*.json"))
