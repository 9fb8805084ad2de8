"""Are the lines of `autograder adopt` written into any configuration that is there, and taken out without a trace?"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.bridge.adopt import adopt, look_at, undo
from autograder.bridge.adopt_lines import BEGIN, BLOCK, END
from autograder.errors import BadInput

CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "kettles"\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "source").mkdir()
    path = tmp_path / "nbgrader_config.py"
    path.write_text(CONFIG)
    return path


@pytest.mark.parametrize(
    "before",
    [
        CONFIG.encode(),
        CONFIG.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + CONFIG.encode() + b"\n\n",
        f"# -*- coding: latin-1 -*-\n{CONFIG}# Müller\n".encode("latin-1"),
    ],
)
def test_every_byte_of_a_configuration_is_as_before(config: Path, before: bytes) -> None:
    """Line ends, a byte order mark, empty lines at the end and another encoding are the course's own."""
    config.write_bytes(before)
    adopt(look_at(config.parent))
    written = config.read_bytes()
    assert written.startswith(before)
    assert written.count(b"\r\n") in (0, written.count(b"\n"))
    assert look_at(config.parent).adopted
    undo(config.parent)
    assert config.read_bytes() == before


def test_lines_written_below_ours_stay(config: Path) -> None:
    config.write_text(CONFIG.rstrip())
    adopt(look_at(config.parent))
    config.write_text(config.read_text() + "\n    # mine\n")
    undo(config.parent)
    assert config.read_text() == f"{CONFIG}\n    # mine\n"


def test_a_link_stays_one_and_the_course_is_where_the_link_is(config: Path, tmp_path: Path) -> None:
    real = tmp_path / "shared" / "course.py"
    real.parent.mkdir()
    config.rename(real)
    config.symlink_to(real)
    adopt(look_at(tmp_path))
    assert config.is_symlink()
    assert real.read_text().endswith(BLOCK)
    assert look_at(tmp_path).folders["root"] == str(tmp_path)
    assert [path.name for path in real.parent.iterdir()] == ["course.py"]
    undo(tmp_path)
    assert (config.is_symlink(), real.read_text()) == (True, CONFIG)


def test_a_course_is_adopted_by_its_settings_not_by_a_word_in_them(config: Path) -> None:
    config.write_text(f"{CONFIG}# not yet: autograder.bridge.config\n")
    assert not look_at(config.parent).adopted
    adopt(look_at(config.parent))
    undoes = "c.Autograde.sanitize_preprocessors = ['nbgrader.preprocessors.ClearOutput']"
    config.write_text(f"{config.read_text()}c = get_config()\n{undoes}\n")
    assert not look_at(config.parent).adopted
    adopt(look_at(config.parent))
    assert config.read_text().count(BEGIN) == 1
    assert config.read_text().endswith(BLOCK)


def test_what_cannot_be_undone_is_one_true_line(config: Path) -> None:
    adopt(look_at(config.parent))
    config.write_text(config.read_text().replace(END, ""))
    with pytest.raises(BadInput, match=r"'# autograder adopt: end' is missing: remove by hand"):
        undo(config.parent)
    with pytest.raises(BadInput, match="has no nbgrader_config.py: go to the course's folder"):
        undo(config.parent / "source")


@pytest.mark.parametrize("file", [True, False])
def test_a_folder_of_the_courses_own_is_not_taken(config: Path, file: bool) -> None:
    """Git would ignore the instructor's files in it."""
    data = config.with_name("course")
    if file:
        data.write_text("notes")
    else:
        data.mkdir()
        (data / "lecture.md").write_text("notes")
    with pytest.raises(BadInput, match="course is there already, .* COURSE_DATA .*nothing was changed"):
        adopt(look_at(config.parent))
    assert config.read_text() == CONFIG
    assert file or [path.name for path in data.iterdir()] == ["lecture.md"]


def test_our_folder_is_taken_again(config: Path) -> None:
    adopt(look_at(config.parent))
    (config.parent / "course" / "results").mkdir()
    undo(config.parent)
    adopt(look_at(config.parent))
    assert look_at(config.parent).adopted


def test_what_fails_leaves_no_folder(config: Path) -> None:
    config.with_suffix(".json").write_text('{"Autograde": {"autograde_preprocessors": []}}')
    with pytest.raises(BadInput, match="nothing was changed"):
        adopt(look_at(config.parent))
    assert sorted(path.name for path in config.parent.iterdir()) == [
        "nbgrader_config.json",
        "nbgrader_config.py",
        "source",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_one_line(config: Path) -> None:
    config.chmod(0o444)
    config.parent.chmod(0o555)
    with pytest.raises(BadInput, match=r"cannot be written \(Permission denied\); nothing was changed"):
        adopt(look_at(config.parent))
    config.parent.chmod(0o755)


def test_a_bracket_in_a_folders_name_is_no_obstacle(tmp_path: Path) -> None:
    """nbgrader itself can work there."""
    root = tmp_path / "frameworks (2026)"
    (root / "source").mkdir(parents=True)
    adopt(look_at(root))
    assert look_at(root).adopted


def test_a_password_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "nbgrader_config.py").write_text(
        'c = get_config()\nc.CourseDirectory.db_url = "postgresql://grader:secret@localhost/grades"\n'
    )
    said = {change.name: change.said for change in look_at(tmp_path).settings}
    assert said["CourseDirectory.db_url"] == "postgresql://grader:***@localhost/grades"
