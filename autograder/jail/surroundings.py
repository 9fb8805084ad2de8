"""The environment variables of a student's kernel, with or without a sandbox. Few of the grader's are passed on."""

from __future__ import annotations

import os
from pathlib import Path

GPU_ENVIRONMENT = {
    # all visible GPUs, or those that the instructor has chosen
    "CUDA_VISIBLE_DEVICES": os.environ.get("CUDA_VISIBLE_DEVICES"),
    # otherwise TensorFlow takes a GPU's whole memory and leaves none for PyTorch
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
}
"""The variables that differ for tests that need a GPU. None means the variable is not set."""


def environment(home: str, *, temporary: str, fonts: str, gpu: bool = False) -> dict[str, str]:
    """All the variables except ``PATH``.

    ``home``: the home folder. ``temporary``: the folder for temporary files. ``fonts``: the folder of matplotlib's
    font list. ``gpu``: whether the kernel may use this machine's GPUs.
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
        "TF_ENABLE_ONEDNN_OPTS": "0",  # oneDNN's results depend on the kind of CPU
        "CUDA_VISIBLE_DEVICES": "",
    }
    if gpu:
        common |= GPU_ENVIRONMENT
    return {name: value for name, value in common.items() if value is not None}


def font_lists() -> list[Path]:
    """matplotlib's font lists for this user, which take seconds to rebuild."""
    cache = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "matplotlib"
    return sorted(cache.glob("fontlist-*.json"))
