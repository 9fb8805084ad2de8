"""Is every protection attacked, every attack listed, and does every test exist that the documents name?"""

from __future__ import annotations

import ast
import re
from collections.abc import Set
from pathlib import Path

import pytest

from autograder.jail.limits import PROTECTIONS
from tests.attacks.submissions import FAMILIES, SUBMISSIONS
from tests.attacks.submissions.base import JAIL
from tests.support import names
from tests.support.paths import ROOT

HERE = ROOT / "tests" / "attacks"
README = (HERE / "README.md").read_text()
MODEL = (ROOT / "docs" / "threat-model.md").read_text()
GRADERS = ROOT / "autograder" / "graders" / "define_by_run"
NAMES = {submission.name for submission in SUBMISSIONS}
ABSENT = {"autograder.py": "a file that a student puts beside the notebook"}
"""What looks like a name of the package and is none, with the reason."""


def functions(path: Path) -> set[str]:
    """Names of the functions of a file."""
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}


def rows(text: str) -> list[list[str]]:
    """Cells of the rows of all tables."""
    lines = [line for line in text.splitlines() if line.startswith("|") and not line.startswith("|---")]
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]


def test_there_are_enough_and_no_two_are_called_the_same() -> None:
    assert len(SUBMISSIONS) == len(NAMES) >= 45
    assert all(len(family) >= 4 for family in FAMILIES.values())
    assert all(s.must_not for s in SUBMISSIONS)


@pytest.mark.parametrize("protection", sorted(PROTECTIONS))
def test_every_protection_of_the_jail_has_an_attack_that_gets_through_without_it(protection: str) -> None:
    """By a submission that is graded without it, or by the test of what takes two students."""
    by_submission = [s.name for s in SUBMISSIONS if protection in s.off]
    assert by_submission or f'("{protection}",)' in (HERE / "test_jail.py").read_text()
    assert f"jail: `{protection}`" in README, "and the table says which"


def test_nothing_is_switched_off_that_is_no_protection() -> None:
    assert {name for s in SUBMISSIONS for name in s.off} <= PROTECTIONS | {JAIL}


def test_the_readme_lists_every_submission_and_no_other() -> None:
    listed = {tuple(row) for row in rows(README[README.index("## The submissions") :]) if row[0].startswith("`")}
    assert listed == {(f"`{s.name}`", s.must_not, "yes" if s.slow else "") for s in SUBMISSIONS}


def quoted(text: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`([^`]+)`", text)


def test_every_attack_and_switch_in_the_readme_exists() -> None:
    known = set().union(*map(functions, HERE.rglob("test_*.py"))) | NAMES
    table = [row for row in rows(README[: README.index("## The submissions")]) if len(row) == 4][1:]
    assert len(table) > 40
    for promise, protection, attack, switch in table:
        assert promise
        assert protection
        for name in quoted(attack) + quoted(switch):
            file, _, function = name.rpartition("::")
            assert (function in functions(ROOT / "tests" / file)) if file else name in known, name
        assert quoted(attack) or attack == "same", protection
        assert quoted(switch) or re.match(r"same test|last half|none: |without ", switch), protection


def test_every_name_of_the_package_in_a_test_exists() -> None:
    """What is attacked under a name that the package has no more is not attacked, and its protection seems to hold."""
    sources = {path: path.read_text() for path in sorted((ROOT / "tests").rglob("*.py"))}
    wrong = [(path.name, name) for path, text in sources.items() for name in sorted(names.missing(text))]
    assert [(file, name) for file, name in wrong if name not in ABSENT] == []
    assert {name for _, name in wrong} == ABSENT.keys(), "no excuse is kept that nobody needs"
    assert [(path.name, part) for path, text in sources.items() for part in names.unread(text)] == []
    assert {name for name in names.dotted(README) if not names.exists(name)} == set()
    agent = "autograder.jail.inside.agent"
    assert {agent, f"{agent}.Agent._answer"} <= names.names_in((HERE / "sources.py").read_text()), "they are seen"


@pytest.mark.parametrize(
    ("file", "name", "wrong"),
    [
        ("attacks/sources.py", 'modules["autograder.jail.inside.agent"]', 'modules["autograder.jail.inside.{}"]'),
        ("attacks/sources.py", "agent.Agent._answer = ", "agent.Agent.{} = "),
        ("attacks/submissions/spying.py", "wire.receive = ", "wire.{} = "),
        ("attacks/submissions/spying.py", 'f"{INSIDE}.wire"', 'f"{INSIDE}.{}"'),
        ("attacks/conftest.py", "channel.GRACE_S", "channel.{}"),
        ("attacks/test_class.py", "import autograde_class", "import {}"),
        ("bridge/test_end_to_end.py", "jail import bubblewrap", "jail import {}"),
        ("repository/test_workflows.py", '"jail" / "bubblewrap.py"', '"jail" / "{}.py"'),
    ],
)
def test_a_name_that_is_wrong_is_seen(file: str, name: str, wrong: str) -> None:
    """In a module's name, in what an attack replaces there, in a target of monkeypatch, an import or a file's name."""
    text = (ROOT / "tests" / file).read_text()
    assert name in text
    found = names.missing(text.replace(name, wrong.replace("{}", "renamed"))) - names.missing(text)
    assert found
    assert all("renamed" in name for name in found)


def test_an_attack_in_which_no_name_can_be_read_is_seen() -> None:
    text = (HERE / "sources.py").read_text()
    (found,) = names.unread(text.replace("def answer(self, head, blob):", "def answer[self, head, blob]:"))
    assert "agent.Agent._answer = answer" in found


@pytest.mark.parametrize("document", ["docs/threat-model.md", "docs/grading-contract.md"])
def test_every_test_that_a_document_names_exists(document: str) -> None:
    text = (ROOT / document).read_text()
    named = re.findall(r"`((?:tests|autograder)/[\w/]+\.py)(?:::(\w+)|\[([^\]]+)\])?`", text)
    assert len(named) > 5
    for path, function, submission in named:
        assert (ROOT / path).is_file(), path
        assert not function or function in functions(ROOT / path), f"{path}::{function}"
        assert not submission or submission in NAMES, submission
    assert not re.findall(r"`tests/[^`]*::[^`]*[^\w`][^`]*`", text), "written so that this test does not see it"


def test_the_threat_model_names_every_test_that_relies_on_a_probe() -> None:
    shared = [ast.parse(path.read_text()) for path in GRADERS.glob("*.py") if not path.name.startswith("test_")]
    helpers = relying_on_probes(ast.Module([node for tree in shared for node in tree.body], []))
    for path in sorted(GRADERS.glob("test_*.py")):
        for name in relying_on_probes(ast.parse(path.read_text()), helpers):
            if name.startswith("test_"):
                assert f"{path.name}::{name}`" in MODEL or (f"`{path.name}`" in MODEL and f"`{name}`" in MODEL), name


def relying_on_probes(tree: ast.Module, helpers: Set[str] = frozenset()) -> Set[str]:
    """The functions that are probes, or use one, or one of the helpers that do."""
    defined = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    probes = {n for n, node in defined.items() if any(getattr(d, "id", "") == "probe" for d in node.decorator_list)}
    relying = probes | helpers
    while True:
        more = {n for n, node in defined.items() if n not in relying and used(node) & relying}
        if not more:
            return relying
        relying |= more


def used(node: ast.FunctionDef) -> set[str]:
    return {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
