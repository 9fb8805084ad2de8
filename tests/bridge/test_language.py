"""Does the release keep one language, and nothing of the pairing with the reference?"""

from __future__ import annotations

from copy import deepcopy

import pytest
from nbformat import NotebookNode

from autograder.bridge.language import KeepLanguage
from autograder.bridge.pairing import ClearPairing
from tests.support.builders import code, notebook, text


@pytest.fixture
def source() -> NotebookNode:
    return notebook(
        text("# Title", "t-en", tags=["lang-en", "slide"]),
        text("# 題", "t-ja", tags=["lang-ja"]),
        text("---", "rule"),
        code("x = 1", "c", tags=["lang-en", "active-ipynb"]),
        jupytext={"formats": "source///ipynb,reference///py:percent"},
    )


@pytest.mark.parametrize(("language", "kept"), [("en", ["t-en", "rule", "c"]), ("ja", ["t-ja", "rule", "c"])])
def test_one_language_is_kept(source, language, kept):
    """Are the other language's texts gone, and code and untagged texts there?"""
    nb, _ = KeepLanguage(language=language).preprocess(source, {})
    assert [cell.id for cell in nb.cells] == kept


def test_language_tags_are_gone_and_others_stay(source):
    nb, _ = KeepLanguage().preprocess(source, {})
    assert [cell.metadata.get("tags") for cell in nb.cells] == [["slide"], None, ["active-ipynb"]]


def test_a_language_the_notebook_does_not_have_is_an_error(source):
    """Is a mistyped COURSE_LANGUAGE noticed before the release is empty?"""
    with pytest.raises(ValueError, match="language 'fr': this notebook has en, ja"):
        KeepLanguage(language="fr").preprocess(source, {})


def test_a_notebook_without_languages_stays_as_it_is():
    nb = notebook(text("hello"), code("x = 1"))
    kept, _ = KeepLanguage(language="ja").preprocess(deepcopy(nb), {})
    assert kept == nb


def test_no_line_break_ends_up_as_a_space_in_japanese():
    """Are lines joined between two Japanese characters, and paragraphs, lists, tables, code and English left alone?"""
    ja = "一つの文が\n二行に。\nまた `x`\nも。\n\n段落\n- 表\n| 列 |\n\n```\n# 一\n二\n```\n終わ\nり"
    en = "one sentence\non two lines…\n“and”"
    nb = notebook(text(ja, "ja", tags=["lang-ja"]), text(en, "en", tags=["lang-ja"]), text("無\n印", "untagged"))
    kept, _ = KeepLanguage(language="ja").preprocess(nb, {})
    joined = "一つの文が二行に。また `x`\nも。\n\n段落\n- 表\n| 列 |\n\n```\n# 一\n二\n```\n終わり"
    assert [cell.source for cell in kept.cells] == [joined, en, "無\n印"]


@pytest.mark.parametrize(
    ("broken", "joined"),
    [
        ("これが\n**太字**です", "これが**太字**です"),
        ("**太字**\nです", "**太字**です"),
        ("- 項目の\n  続き\n- 次", "- 項目の続き\n- 次"),
        ("**ヒント。**\n本文", "**ヒント。**\n本文"),
        ("彼は\n**「太字」**", "彼は\n**「太字」**"),
    ],
)
def test_bold_and_lists_are_joined_as_far_as_markdown_allows(broken, joined):
    """Is there no gap before a bold word or in a list, and is bold text still bold?"""
    nb = notebook(text(broken, "ja", tags=["lang-ja"]))
    kept, _ = KeepLanguage(language="ja").preprocess(nb, {})
    assert kept.cells[0].source == joined


def test_nothing_of_the_pairing_is_released(source):
    """Would a student's JupyterLab look for the paired script?"""
    nb, _ = ClearPairing().preprocess(source, {})
    assert "jupytext" not in nb.metadata
    assert nb.cells[3].metadata.tags == ["lang-en"]
