"""Is every file that cannot be graded refused in one clear line?"""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.errors import BadInput
from autograder.notebook import read
from autograder.notebook.read import (
    MAX_BYTES,
    MAX_CELLS,
    MAX_PICTURES,
    MAX_STRUCTURE,
    MAX_TEXT,
    check_submission,
    parsed,
    read_notebook,
)
from autograder.notebook.tidy import tidy
from tests.support.builders import code, graded, notebook, released, solution

GOOD = nbformat.writes(released())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "the file is empty"),
        (b"\x89PNG\r\n\x1a\n\x00", "not a notebook (not UTF-8 text)"),
        (b"print('hello')", "not a notebook (line 1"),
        (GOOD.encode()[:300], "broken JSON (line "),
        (b"[1, 2]", "not a notebook (JSON, but without cells)"),
        (b'{"a": 1}', "not a notebook (JSON, but without cells)"),
        (b'{"cells": ' + b"[" * 100_000, "not a notebook (JSON that no notebook has)"),
        (b'{"cells": [], "nbformat": ' + b"9" * 5000 + b"}", "not a notebook (JSON that no notebook has)"),
        (b'{"cells": [], "nbformat": 4}', "the notebook has no cells"),
        (b'{"cells": null, "nbformat": 4}', "the notebook has no cells"),
        (b'{"cells": [3, null], "nbformat": 4}', "the notebook has no cells"),
        (b'{"cells": [{}], "nbformat": 5}', "notebook format 5 is not supported"),
        (b'{"cells": [{}], "nbformat": 2}', "notebook format 2 is not supported"),
        (b'{"cells": [{}], "nbformat": "four"}', "notebook format unknown is not supported"),
        (b'{"cells": [{}], "nbformat": [4]}', "notebook format unknown is not supported"),
    ],
)
def test_unusable_content(tmp_path, content, says):
    """Does the line say what is wrong, where and what to do?"""
    path = tmp_path / "nb.ipynb"
    path.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        read_notebook(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert says in message
    assert ";" in message
    assert "\n" not in message


def test_missing_file(tmp_path):
    with pytest.raises(BadInput, match="there is no such file"):
        read_notebook(tmp_path / "nb.ipynb")


def test_folder(tmp_path):
    with pytest.raises(BadInput, match="this is a folder"):
        read_notebook(tmp_path)


def test_too_large_is_seen_before_it_is_read(tmp_path, monkeypatch):
    """Is a 100 MB notebook refused by its size?"""
    path = tmp_path / "nb.ipynb"
    with path.open("wb") as file:
        file.truncate(2 * MAX_BYTES)
    monkeypatch.setattr(Path, "read_text", lambda *args, **kwargs: pytest.fail("the file was read"))
    with pytest.raises(BadInput, match="100 MB is more than the 50 MB"):
        read_notebook(path)


@pytest.mark.parametrize("minor", range(6))
def test_every_minor_format_of_4_is_read(tmp_path, minor):
    """Are notebooks with and without cell ids read alike?"""
    nb = json.loads(GOOD) | {"nbformat_minor": minor}
    if minor < 5:
        for cell in nb["cells"]:
            del cell["id"]
    path = tmp_path / "nb.ipynb"
    path.write_text(json.dumps(nb))
    read = read_notebook(path)
    nbformat.validate(read)
    assert [c.source for c in read.cells] == [c.source for c in released().cells]


def test_hostile_metadata_is_read(tmp_path):
    """Does metadata of the wrong type stop nobody?"""
    path = tmp_path / "nb.ipynb"
    nb = {"nbformat": 4, "metadata": None, "cells": [{"cell_type": "code", "metadata": [1], "source": None}]}
    path.write_text(json.dumps(nb))
    nbformat.validate(read_notebook(path))


def test_byte_order_mark(tmp_path):
    """Is a file saved by an editor that writes one read?"""
    path = tmp_path / "nb.ipynb"
    path.write_text(GOOD, encoding="utf-8-sig")
    assert read_notebook(path).cells


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_file_of_another_encoding_of_unicode(tmp_path, encoding):
    """Is a file read that a shell on Windows has written?"""
    path = tmp_path / "nb.ipynb"
    path.write_bytes(GOOD.encode(encoding))
    assert read_notebook(path).cells


def test_the_right_sprint_passes():
    check_submission(released(), released(), Path("nb.ipynb"))


def test_a_notebook_whose_metadata_and_ids_are_lost_passes():
    """Is work graded that a tool has saved without nbgrader's metadata?"""
    nb = released()
    for cell in nb.cells:
        cell.metadata = NotebookNode()
        del cell["id"]
    check_submission(tidy(nb), released(), Path("nb.ipynb"))


def test_another_sprint_is_refused():
    other = notebook(solution("solve_other"), graded("other", 1))
    with pytest.raises(BadInput, match="another sprint"):
        check_submission(other, released(), Path("nb.ipynb"))


@pytest.mark.parametrize("left", [[code("x = 1")], [solution("solve_half")]])
def test_no_grade_cells_left_is_refused(left):
    with pytest.raises(BadInput, match="no grade cells are left"):
        check_submission(notebook(*left), released(), Path("nb.ipynb"))


@pytest.mark.parametrize("item", ["{}", "[]", "0"])
def test_a_file_of_very_many_values_is_refused_unparsed(tmp_path, monkeypatch, item):
    """Is it counted before Python makes objects of them, which take up to a hundred times as much memory?"""
    path = tmp_path / "nb.ipynb"
    path.write_text('{"nbformat": 4, "cells": [' + ",".join([item] * (MAX_STRUCTURE + 1)) + "]}")
    monkeypatch.setattr(json, "loads", None)
    with pytest.raises(BadInput, match=r"values are more than the 2,000,000 a notebook may have; clear its outputs"):
        read_notebook(path)


@pytest.mark.parametrize("between", ["", " ", "\n\t"])
def test_keys_are_counted_before_python_makes_a_dict_of_them(tmp_path, monkeypatch, between):
    monkeypatch.setattr(read, "MAX_KEYS", 1_000)
    path, many = tmp_path / "nb.ipynb", ",".join(f'"{n}"{between}: 1' for n in range(1_001))
    path.write_text('{"nbformat": 4, "cells": [], "metadata": {' + many + "}}")
    with pytest.raises(BadInput, match=r"keys are more than the 1,000 a notebook may have; clear its outputs"):
        read_notebook(path)


def test_one_emoji_makes_a_notebook_four_times_as_large(tmp_path, monkeypatch):
    """Python gives each character of a text as many bytes as the widest needs."""
    monkeypatch.setattr(read, "MAX_WIDE", 40_000)
    path = tmp_path / "nb.ipynb"
    path.write_text(big(code("x" * 20_000)))
    assert len(read_notebook(path).cells[0].source) == 20_000
    path.write_text(big(code("x" * 20_000 + "\N{GRINNING FACE}")), encoding="utf-8")
    with pytest.raises(BadInput, match="a notebook with an emoji may have; clear its outputs"):
        read_notebook(path)


def big(*cells):
    return nbformat.writes(notebook(*cells))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (lambda: big(*[code("", f"c{n}") for n in range(MAX_CELLS + 1)]), "1,001 cells are more than the 1,000"),
        (lambda: big(code("#" * (MAX_TEXT + 1), "c")), "its cells have 1,000,001 characters, 1,000,000 are allowed"),
        (
            lambda: json.dumps(
                {
                    "nbformat": 4,
                    "cells": [
                        {
                            "cell_type": "markdown",
                            "source": "",
                            "attachments": {"a.png": {"image/png": "x" * (MAX_PICTURES + 1)}},
                        }
                    ],
                }
            ),
            "the pictures in its text cells take 8 MB, 8 MB are allowed; make them smaller",
        ),
    ],
)
def test_too_many_cells_or_too_much_text_is_refused(tmp_path, content, says):
    """Is every part of a notebook that is kept bounded?"""
    path = tmp_path / "nb.ipynb"
    path.write_text(content())
    with pytest.raises(BadInput) as error:
        read_notebook(path)
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_our_own_notebook_is_read_as_nbformat_reads_it() -> None:
    """With outputs and lists in lists: the same values, and every object one of nbformat's?"""
    text = json.dumps(released() | {"metadata": {"a": [{"b": [[{"c": None}]]}], "d": {}}})
    ours, theirs = parsed(text), nbformat.from_dict(json.loads(text))
    assert ours == theirs

    def kinds(value: object) -> object:
        if isinstance(value, dict):
            return type(value), {key: kinds(inner) for key, inner in value.items()}
        return [kinds(inner) for inner in value] if isinstance(value, list) else type(value)

    assert kinds(ours) == kinds(theirs)
    ours.metadata.new = 1
    assert ours.metadata["new"] == 1
