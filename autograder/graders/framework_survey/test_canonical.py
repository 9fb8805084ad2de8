"""Hidden tests of task 1: texts made from names that no code can know."""

import pytest

from autograder.graders.framework_survey.oracles import drawn_names
from autograder.grading import check, is_a, value


def vocabulary(rng):
    """Names of two words, each with two other spellings."""
    words = drawn_names(rng, 12)
    return {f"{words[i]} {words[i + 1]}": [words[i + 2], f"{words[i + 3]}x-ray"] for i in (0, 4, 8)}


def check_name(student, text, spellings, expected, must):
    """Check what one text is taken for."""
    got = value(student.canonical(text, spellings))
    check((got is None or is_a(got, str)) and got == expected, must, got=got)


@pytest.mark.points(1)
@pytest.mark.example(
    'known = {"Caffe": ["cf"], "MXNet": ["mx"]}\n[canonical(text, known) for text in ("Caffe", "cf", "MXNet", "mx")]',
    gives=["Caffe", "Caffe", "MXNet", "MXNet"],
)
def test_names_and_their_spellings(student, rng):
    """A name stands for itself, and every other spelling stands for its name.

    Hint: compare the text with the name and with each of its spellings, for one name after the other.
    """
    known = vocabulary(rng)
    for name, others in known.items():
        for text in (name, *others):
            check_name(student, text, known, name, "a spelling must give the name that it is listed under")


@pytest.mark.points(0.5)
@pytest.mark.example(
    'known = {"Caffe": ["cf"], "MXNet": ["mx"]}\n[canonical(text, known) for text in ("CAFFE", " mxnet ", "Mx")]',
    gives=["Caffe", "MXNet", "MXNet"],
)
def test_capital_letters_and_blanks(student, rng):
    """Capital letters do not matter, and neither do blanks around the text.

    Hint: text.strip().lower(), on both sides of the comparison.
    """
    known = vocabulary(rng)
    for name, (first, second) in known.items():
        for text in (name.upper(), name.lower(), f"   {first.lower()} ", f"\t{second.upper()}\n"):
            check_name(student, text, known, name, "capital letters and blanks around a text must make no difference")


@pytest.mark.points(0.5)
@pytest.mark.example(
    'known = {"Caffe": ["cf"], "deep learning": ["d l"]}\n'
    '[canonical(text, known) for text in ("deep-learning", "deep  learning", "d_l")]',
    gives=["deep learning", "deep learning", "deep learning"],
)
def test_separators(student, rng):
    """Blanks, hyphens and underscores are the same, one or several of them.

    Hint: make each of them a blank, then " ".join(text.split()).
    """
    known = vocabulary(rng)
    for name, (_, second) in known.items():
        one, two = name.split()
        for text in (f"{one}-{two}", f"{one}_{two}", f"{one}   {two}", f"{one} - {two}", second.replace("-", "  ")):
            check_name(student, text, known, name, "blanks, hyphens and underscores in a text must make no difference")


@pytest.mark.points(0.5)
@pytest.mark.example(
    'known = {"deep learning": ["DL"]}\n[canonical(text, known) for text in ("DL lite", "deep", "deeplearning")]',
    gives=[None, None, None],
)
def test_the_whole_text(student, rng):
    """A text that only contains a name, or is only a part of one, is not that name.

    Hint: == for plain texts; `in` finds the name in the middle of other words. In a regular expression a dot means any
    letter: re.escape.
    """
    known = vocabulary(rng)
    for name, (first, _) in known.items():
        check_name(student, name, known, name, "a name must stand for itself")
        one, two = name.split()
        for text in (one, two, f"{first}lite", f"no {first}", first[:-1], f"{name} 2", f"{one}{two}"):
            check_name(student, text, known, None, "a text that differs in a letter or a word must give None")
    one, two, three = drawn_names(rng, 3)
    dotted = {three: [f"{one}.{two}", f"{two} (c++)"]}
    for text in (f"{one}.{two}", f"{two} (C++)"):
        check_name(student, text, dotted, three, "a spelling with dots, brackets or plus signs must be found as it is")
    for text in (f"{one}x{two}", f"{one} {two}", f"{one}{two}", f"{two} c", f"{two} cc"):
        check_name(student, text, dotted, None, "a dot, a bracket and a plus sign stand for nothing but themselves")


@pytest.mark.points(0.5)
@pytest.mark.example('known = {"Caffe": ["cf"]}\n[canonical("MXNet", known), canonical("", known)]', gives=[None, None])
def test_unknown(student, rng):
    """What is none of the names gives None.

    Hint: return None after the loop, not in it.
    """
    known = vocabulary(rng)
    for name in known:
        check_name(student, name, known, name, "a name must stand for itself")
    for text in (*drawn_names(rng, 3), "", "   "):
        check_name(student, text, known, None, "a text that is no spelling of any name must give None")
    check_name(student, next(iter(known)), {}, None, "where there are no names, any text must give None")
