"""Do clients that know only Jupyter get jailed kernels, by naming a kernelspec?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from jupyter_client.provisioning import KernelProvisionerFactory
from nbclient import NotebookClient

from autograder.jail import warm
from autograder.jail.warm import WarmJail
from tests.support.builders import code, notebook
from tests.support.jails import needs_sandbox, small_jail

pytestmark = needs_sandbox
NAME = "autograder-jail"


@pytest.fixture(scope="module")
def jail() -> Iterator[WarmJail]:
    with small_jail() as made:
        yield made


@pytest.fixture
def kernelspec(jail: WarmJail, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A kernelspec that names the provisioner, which is known whether or not the package's entry points are fresh."""
    folder = tmp_path / "jupyter" / "kernels" / "jailed"
    folder.mkdir(parents=True)
    about = {"argv": ["python", "-f", "{connection_file}"], "display_name": "jailed", "language": "python"}
    (folder / "kernel.json").write_text(
        json.dumps(about | {"metadata": {"kernel_provisioner": {"provisioner_name": NAME}}})
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path / "jupyter"))
    monkeypatch.setattr(warm, "shared", lambda preload, ahead=0: jail)
    entry = EntryPoint(NAME, "autograder.jail.provisioner:JailProvisioner", KernelProvisionerFactory.GROUP_NAME)
    monkeypatch.setitem(KernelProvisionerFactory.instance().provisioners, NAME, entry)
    return "jailed"


def test_nbclient_runs_a_notebook_in_a_jail(kernelspec: str, tmp_path: Path) -> None:
    beside = tmp_path / "beside"
    beside.mkdir()
    (beside / "data.txt").write_text("41")
    (beside / "other.ipynb").write_text("{}")
    nb = notebook(
        code("import os\nprint(sorted(os.listdir('.')), os.getpid(), os.path.exists('/work'))", "a"),
        code("open('written.txt', 'w').write(str(int(open('data.txt').read()) + 1))", "b"),
        code("os.symlink('/etc/passwd', 'link'); os.makedirs('sub')\nopen('sub/more.txt', 'w').write('x')", "c"),
    )
    NotebookClient(nb, kernel_name=kernelspec, resources={"metadata": {"path": str(beside)}}).execute()
    assert nb.cells[0].outputs[0].text.startswith("['data.txt'] 2 ")
    assert (beside / "written.txt").read_text() == "42"
    assert (beside / "sub" / "more.txt").read_text() == "x"
    assert not (beside / "link").exists()


def test_a_kernel_knows_what_it_is_run_for_and_nothing_else(
    kernelspec: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    monkeypatch.setenv("NBGRADER_DB_URL", "postgresql://secret")
    nb = notebook(code("import os\nprint([(k, v) for k, v in os.environ.items() if k.startswith('NBGRADER')])", "a"))
    NotebookClient(nb, kernel_name=kernelspec, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert nb.cells[0].outputs[0].text == "[('NBGRADER_EXECUTION', 'autograde')]\n"


def test_a_file_that_comes_back_follows_no_link(kernelspec: str, tmp_path: Path) -> None:
    beside, elsewhere = tmp_path / "beside", tmp_path / "elsewhere"
    beside.mkdir()
    elsewhere.mkdir()
    (beside / "folder").symlink_to(elsewhere)
    (elsewhere / "target").write_text("old")
    (beside / "file").symlink_to(elsewhere / "target")
    nb = notebook(code("import os\nos.mkdir('folder')\nfor f in ('folder/x', 'file'): open(f, 'w').write('new')", "a"))
    NotebookClient(nb, kernel_name=kernelspec, resources={"metadata": {"path": str(beside)}}).execute()
    assert [path.name for path in elsewhere.iterdir()] == ["target"]
    assert (elsewhere / "target").read_text() == "old"


def test_restarting_and_interrupting_work(kernelspec: str) -> None:
    from jupyter_client.manager import start_new_kernel

    manager, client = start_new_kernel(kernel_name=kernelspec)
    try:
        assert client.execute_interactive("x = 1", timeout=20)["content"]["status"] == "ok"
        client.execute("import time\nprint('begun', flush=True)\nwhile True: time.sleep(0.01)")
        while client.get_iopub_msg(timeout=20)["msg_type"] != "stream":
            pass
        manager.interrupt_kernel()
        assert client.execute_interactive("x", timeout=20)["content"]["status"] in ("ok", "aborted")
        manager.restart_kernel(now=True)
        client.wait_for_ready(timeout=20)
        assert client.execute_interactive("x", timeout=20)["content"]["ename"] == "NameError"
    finally:
        client.stop_channels()
        manager.shutdown_kernel()
    assert not manager.is_alive()
