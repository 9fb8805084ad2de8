"""Does the policy decide which kernels grade, and does nobody grade without the sandbox unawares?"""

from __future__ import annotations

import functools
import itertools

import pytest

from autograder.errors import BadInput, PlatformFault
from autograder.jail import bubblewrap, preload, warm
from autograder.jail.lane import default_policy, lane_for
from autograder.jail.ordinary_kernel import ordinary_kernel
from autograder.jail.preload import preload_for
from tests.support.builders import code, notebook, text
from tests.support.jails import needs_sandbox, run


@pytest.fixture
def lacking(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without bubblewrap."""
    monkeypatch.setattr(bubblewrap, "missing", lambda: "bubblewrap is missing: install it")
    monkeypatch.setattr(warm, "_shared", {})  # as in a process that had a sandbox nowhere


@needs_sandbox
@pytest.mark.parametrize("policy", ["required", "preferred"])
def test_where_it_can_be_had_it_is_used(policy: str) -> None:
    lane = lane_for(policy)
    assert (lane.jailed, lane.note) == (True, "sandbox: on")
    kernel = lane.kernels(None)
    try:
        assert run(kernel, "import os\nresult = os.getppid()") == 1
    finally:
        kernel.kill()


def test_off_is_a_choice_and_says_so() -> None:
    lane = lane_for("off")
    assert isinstance(lane.kernels, functools.partial)
    assert lane.kernels.func is ordinary_kernel
    assert not lane.jailed
    assert lane.note == "sandbox: off, the notebook could read what you can read"


def test_preferred_says_what_is_missing(lacking: None) -> None:
    lane = lane_for("preferred")
    assert isinstance(lane.kernels, functools.partial)
    assert lane.kernels.func is ordinary_kernel
    assert lane.note.startswith("sandbox: none, ")
    assert lane.note.endswith("install it")


def test_required_refuses(lacking: None) -> None:
    with pytest.raises(PlatformFault, match="required but not available: bubblewrap is missing: install it"):
        lane_for("required")


def test_an_unknown_policy_is_bad_input() -> None:
    with pytest.raises(BadInput, match="one of required, preferred, off"):
        lane_for("maybe")


def test_required_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUTOGRADER_SANDBOX", raising=False)
    assert default_policy() == "required"
    monkeypatch.setenv("AUTOGRADER_SANDBOX", "off")
    assert default_policy() == "off"


def test_what_is_imported_beforehand_is_what_the_notebook_names() -> None:
    assert preload_for(None) == preload.ALWAYS
    nothing = notebook(code("x = 'import torch'\n# import keras"), text("import torch"))
    assert preload_for(nothing) == preload.ALWAYS
    some = notebook(code("import torch.nn as nn\n"), code("def f():\n    from sklearn import tree", "f"))
    assert preload_for(some) == (*preload.ALWAYS, "torch", "torch._dynamo", "sklearn.datasets")
    everything = notebook(
        code("import tensorflow as tf, torch\nimport matplotlib.pyplot as plt"),
        code("import sklearn\nfrom tensorboard import program", "more"),
        code("def app():\n    from flask import Flask, abort", "app"),
    )
    assert set(preload_for(everything)) == set(preload.PRELOAD)


def test_many_kinds_of_imports_are_few_warm_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each combination of imports would be a warm process of its own: whatever notebooks import, there are three."""
    monkeypatch.setattr(warm, "_shared", {})
    monkeypatch.setattr(warm.WarmJail, "warm_up_soon", lambda jail: None)
    monkeypatch.setattr(bubblewrap, "missing", lambda: None)
    usual = preload_for(notebook(code("import torch")))
    for names in itertools.chain.from_iterable(itertools.combinations(preload.SLOW, n) for n in range(1, 4)):
        lane_for("required", notebook(code(f"import {', '.join(names)}")), usual=usual)
    kinds = [settings.preload for _, settings in warm._shared]
    assert (len(kinds), kinds[-1]) == (3, preload.PRELOAD)
    lane_for("required", notebook(code("import numpy")), usual=usual)
    assert len(warm._shared) == 3


def test_what_the_class_imports_is_enough_for_who_imports_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warm, "_shared", {})
    monkeypatch.setattr(warm.WarmJail, "warm_up_soon", lambda jail: None)
    monkeypatch.setattr(bubblewrap, "missing", lambda: None)
    usual = preload_for(notebook(code("import torch, matplotlib")))
    lane_for("required", notebook(code("import torch")), usual=usual)
    assert [settings.preload for _, settings in warm._shared] == [usual]
