"""Hidden tests of task 1: texts made from names that no code can know."""

import pytest

from autograder.graders.framework_survey.oracles import drawn_names
from autograder.grading import check, is_a, probe, value


def vocabulary(rng):
    """Names of two words, each with two other spellings."""
    words = drawn_names(rng, 12)
    return {f"{words[i]} {words[i + 1]}": [words[i + 2], f"{words[i + 3]}x-ray"] for i in (0, 4, 8)}


def wide(text):
    """The text in the wide letters of Japanese keyboards."""
    return "".join(chr(ord(letter) + 0xFEE0) for letter in text)


def check_name(student, text, spellings, expected, must):
    """Check what one text is taken for."""
    got = value(student.canonical(text, spellings))
    check((got is None or is_a(got, str)) and got == expected, must, got=got)


@probe
def before_and_after(canonical, spellings, name, text):
    """What a text is taken for before it is added to a name's spellings, what the dict is then, and after."""
    from copy import deepcopy

    canonical(name.upper(), spellings)
    before, left = canonical(text, spellings), deepcopy(spellings)
    spellings[name].append(text)
    return before, left, canonical(text, spellings)


@pytest.mark.points(1)
@pytest.mark.example(
    'known = {"Caffe": ["cf"], "MXNet": ["mx"]}\n[canonical(text, known) for text in ("Caffe", "cf", "MXNet", "mx")]',
    gives=["Caffe", "Caffe", "MXNet", "MXNet"],
)
def test_names_and_their_spellings(student, rng):
    """A name stands for itself, and every other spelling stands for its name.

    Hint: compare the text with the name and with each of its spellings, for one name after the other.
    """
    one, two, three, *more = drawn_names(rng, 6)  # a spelling may be one letter, or none, or one of the notebook's
    known = {one: [], **vocabulary(rng), f"{two}{three}": [*more, "火", "", "TF"]}
    lists = list(known.values())
    moved = dict(zip(known, lists[1:] + lists[:1], strict=True))  # the same names, each with the spellings of another
    for table in (known, moved):
        for name, others in table.items():
            for text in (name, *others):
                check_name(student, text, table, name, "a spelling must give the name that it is listed under")
    before, left, after = student.run(before_and_after, student.canonical, known, one, f"{one} {two}")
    check(value(left) == known, "a call must leave the names and the lists of spellings as they are", got=left)
    got = [value(before), value(after)]
    check(got == [None, one], "a spelling counts from the moment when it is added to its list", got=got)


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
    must = "capital letters and blanks at both ends must make no difference, in a text or in the list of spellings"
    for name, (first, second) in known.items():
        for text in (name.upper(), name.lower(), name.swapcase(), f"   {first.lower()} ", f"\t{second.upper()}\n"):
            check_name(student, text, known, name, must)
    one, two, three = drawn_names(rng, 3)
    listed = f" {one}{two}"  # the list too may have blanks around, and capitals anywhere; what comes back is as listed
    for text in (f"{one}{two}".lower(), three, f"\n{three} ", f"\u3000{three}\r\f", f"{one}É"):
        check_name(student, text, {listed: [f" {three.upper()}\t", f"{one}é"]}, listed, must)


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
    must = "blanks, hyphens and underscores must make no difference, in a text or in the list of spellings"
    for name, (_, second) in known.items():
        texts = [second.replace("-", "  "), second.replace("-", "__")]
        for between in ("-", "_", "   ", " - ", "--", "__", "_-", 4 * " _ _ "):
            texts.append(name.replace(" ", between))
        for text in texts:
            check_name(student, text, known, name, must)
    one, two, three, *others = drawn_names(rng, 6)
    listed = {f"{one}-{two}_{three}": ["__".join(others)]}  # the list too may have any of them
    for text in (f"{one} {two} {three}", f"{one}_{two}  {three}", " ".join(others), "-".join(others)):
        check_name(student, text, listed, f"{one}-{two}_{three}", must)


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
        texts = [one, two, f"{first}lite", f"no {first}", first[:-1], f"{name} 2", f"{one}{two}"]
        texts += [name[:-1], f"{name}{name[-1]}", f"{name}.", f"{two} {one}", f"{name} {two}"]
        for text in (*texts, *(f"{one}{mark}{two}" for mark in "/,:;&+–")):
            check_name(student, text, known, None, "a text that differs in a letter or a word must give None")
    one, two, three = drawn_names(rng, 3)
    dotted = {three: [f"{one}.{two}", f"{two} (c++)", f"{one}é"]}
    for text in (f"{one}.{two}", f"{two} (C++)"):
        check_name(student, text, dotted, three, "a spelling with dots, brackets or plus signs must be found as it is")
    texts = [f"{one}x{two}", f"{one} {two}", f"{one}{two}", f"{two} c", f"{two} cc", f"{two} c++", two, one, f"{one}e"]
    for text in (*texts, f"{three}2", f"{three}s", f"'{three}'", f"{three}, {one}", wide(three)):
        check_name(student, text, dotted, None, "marks, digits and accents stand for nothing but themselves")


@pytest.mark.points(0.5)
@pytest.mark.example('known = {"Caffe": ["cf"]}\n[canonical("MXNet", known), canonical("", known)]', gives=[None, None])
def test_unknown(student, rng):
    """What is none of the names gives None.

    Hint: return None after the loop, not in it.
    """
    known = vocabulary(rng)
    for name in known:
        check_name(student, name, known, name, "a name must stand for itself")
    for text in (*drawn_names(rng, 2), "TF", "", "   "):
        check_name(student, text, known, None, "a text that is no spelling of any name must give None")
    check_name(student, next(iter(known)), {}, None, "where there are no names, any text must give None")
