"""Is a message in a log only a text, whoever chose the names in it?"""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator

import pytest
from tornado.log import LogFormatter

from autograder.bridge import logs
from tests.support.courses import SLUG, command, make_course

HOSTILE = (
    "x\x1b[2J\x1b]0;owned\x07\r\n::error::forged\n  ::add-mask::7\n##[error]y\n"
    "\u3000::error::w\n\xa0::error::n\n##teamcity[x]\n##vso[task.complete]\u202ez\x9b31m"
)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What a log writes while records are clean."""
    factory, out = logging.getLogRecordFactory(), io.StringIO()
    handler = logging.StreamHandler(out)
    log = logging.getLogger("hostile")
    log.addHandler(handler)
    log.propagate = False
    logging.setLogRecordFactory(logging.LogRecord)
    logs.install()
    yield out
    log.removeHandler(handler)
    logging.setLogRecordFactory(factory)


def is_harmless(text: str) -> bool:
    """Whether there is no control character, and no line of a CI runner's."""
    lines = text.split("\n")
    commands = [line for line in lines if line.lstrip().startswith("::") or re.search(r"##\w*\[", line)]
    return not commands and all(line.replace("\u3000", "").replace("\xa0", "").isprintable() for line in lines)


@pytest.mark.parametrize("formatter", [logging.Formatter(), LogFormatter(color=False)])
@pytest.mark.parametrize("how", ["argument", "in the text", "an exception"])
def test_a_message_is_only_a_text(written: io.StringIO, formatter: logging.Formatter, how: str) -> None:
    log = logging.getLogger("hostile")
    log.handlers[0].setFormatter(formatter)
    if how == "argument":
        log.error("collecting %s", HOSTILE)
    elif how == "in the text":
        log.error("collecting " + HOSTILE.replace("%", "%%"))
    else:
        try:
            raise ValueError(HOSTILE)
        except ValueError:
            log.exception("%s cannot be read", HOSTILE)
    assert is_harmless(written.getvalue().replace("\n\n", "\n"))
    assert "forged" in written.getvalue()


def test_without_it_the_message_acts(written: io.StringIO) -> None:
    """The protection taken out."""
    logging.setLogRecordFactory(logging.LogRecord)
    logging.getLogger("hostile").error("collecting %s", HOSTILE)
    assert not is_harmless(written.getvalue())


def test_other_messages_are_as_they_were(written: io.StringIO) -> None:
    text = "Submissions:\n\n    a::b 100 %\n\tindented, 日本語 – “quoted”"
    logging.getLogger("hostile").error(text)
    assert written.getvalue() == f"{text}\n"


def test_nbgraders_own_commands(tmp_path) -> None:
    """Where a submission that came in by another way has such a name."""
    make_course(tmp_path)
    command(tmp_path, "generate_assignment", SLUG)
    folder = tmp_path / "course" / "submitted" / "eve\x1b[2J\n::error::forged" / SLUG
    folder.mkdir(parents=True)
    (folder / "\x1b[31mx\n::error::y").touch()
    for arguments in (("autograde", SLUG), ("zip_collect", SLUG), ("list",)):
        said = command(tmp_path, *arguments, status=None)
        assert is_harmless(said.replace("\x1b[0m", "")), said


@pytest.mark.parametrize("text", ["\n", " ", "::", "#", "\n ", "\x1b[", "::\n"])
def test_a_long_message_takes_no_time(text: str) -> None:
    """Is the work in proportion to the length? With one step for each pair of characters this would not end."""
    assert len(logs.harmless(text * 1_000_000, logs.MAX_MESSAGE)) <= 2 * logs.MAX_MESSAGE
