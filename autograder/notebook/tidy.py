"""Turns any JSON that a student hands in into a well-formed notebook.

A submission is an untrusted file: metadata may be null, a list or a number, sources may be lists or missing, cells may
have no ids or the same id twice. `tidy` returns the closest notebook of nbformat 4.5, so that all later code may rely
on types. Of the metadata it keeps only what the rebuild reads: nbgrader's fields, tags and the kernel's name. It keeps
no outputs, because what a student's file claims to have printed is never used.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
from nbformat import NotebookNode, from_dict

from autograder.notebook.cells import FIELDS, settings, tags

CELL_TYPES = ("code", "markdown", "raw")
_CELL_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def tidy(notebook: Any) -> NotebookNode:
    """A well-formed notebook with the cells of `notebook`. The argument is not modified."""
    nb = notebook if isinstance(notebook, Mapping) else {}
    ids = FreshIds()
    return from_dict(
        {
            "cells": [_cell(cell, ids) for cell in raw_cells(nb)],
            "metadata": _kernel(_mapping(nb.get("metadata"))),
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


def raw_cells(nb: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The unchanged cells of a notebook: the list of nbformat 4, or those in nbformat 3's worksheets."""
    cells = nb.get("cells")
    if not isinstance(cells, list):
        worksheets = nb.get("worksheets")
        sheets = worksheets if isinstance(worksheets, list) else []
        cells = [cell for sheet in sheets for cell in _list(_mapping(sheet).get("cells"))]
    return [cell for cell in cells if isinstance(cell, Mapping)]


class FreshIds:
    """Hands out cell ids that are valid and not yet taken."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = set(taken)
        self._count = 0

    def take(self, wanted: object) -> str:
        """`wanted` if it is a valid id and not taken, else the next free id."""
        name = wanted if isinstance(wanted, str) and _CELL_ID.fullmatch(wanted) else ""
        while not name or name in self._taken:
            self._count += 1
            name = f"added-{self._count}"
        self._taken.add(name)
        return name


def _cell(raw: Mapping[str, Any], ids: FreshIds) -> dict[str, Any]:
    kind, source = _kind_and_source(raw)
    given = settings(raw)
    nbgrader = {name: given[name] for name in FIELDS if isinstance(given.get(name), (str, int, float))}
    cell: dict[str, Any] = {
        "id": ids.take(raw.get("id")),
        "cell_type": kind,
        "metadata": {name: value for name, value in (("nbgrader", nbgrader), ("tags", tags(raw))) if value},
        "source": source,
    }
    if kind == "code":
        cell |= {"outputs": [], "execution_count": None}
    elif attachments := _attachments(raw.get("attachments")):
        cell["attachments"] = attachments
    return cell


def _kind_and_source(raw: Mapping[str, Any]) -> tuple[str, str]:
    kind = raw.get("cell_type")
    source = _text(raw.get("source", raw.get("input")))
    if kind == "heading":  # nbformat 3
        level = raw.get("level")
        return "markdown", "#" * (level if isinstance(level, int) and 1 <= level <= 6 else 1) + " " + source
    return (kind if kind in CELL_TYPES else "raw"), source


def _kernel(metadata: Mapping[str, Any]) -> dict[str, Any]:
    name = _mapping(metadata.get("kernelspec")).get("name")
    return {"kernelspec": {"name": name, "display_name": name}} if isinstance(name, str) else {}


def encodable(value: Any) -> Any:
    """JSON data in which every text can be written as UTF-8: a lone surrogate is legal in JSON, but no character.

    If all can be written already, it is the same object.
    """
    with contextlib.suppress(ValueError, TypeError, RecursionError):  # the first is a surrogate's
        msgspec.json.encode(value)
        return value
    return _encodable(value)


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return NotebookNode({_encodable(key): _encodable(item) for key, item in value.items()})
    return [_encodable(item) for item in value] if isinstance(value, list) else value


def _text(value: object) -> str:
    if isinstance(value, list):
        value = "".join(line for line in value if isinstance(line, str))
    return str(encodable(value)) if isinstance(value, str) else ""


def _attachments(value: object) -> dict[str, dict[str, str]]:
    """Pictures pasted into a text cell: name → media type → base64 text."""
    return {
        _text(name): {_text(kind): _text(data) for kind, data in bundle.items() if isinstance(data, str)}
        for name, bundle in _mapping(value).items()
        if isinstance(bundle, Mapping)
    }


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
