"""A text that is only a part of a spelling is taken for it, even an empty one.

Caught by:
    test_canonical.py::test_the_whole_text
    test_canonical.py::test_unknown
"""


# %% solve_canonical
def canonical(text, spellings):
    def plain(word):
        return " ".join(re.split(r"[\s_-]+", word.strip().lower()))

    for name, others in spellings.items():
        if any(plain(text) in plain(word) for word in (name, *others)):
            return name
    return None
