"""The loop ends with the first name: None is returned in it.

Caught by:
    test_canonical.py::test_names_and_their_spellings
    test_canonical.py::test_capital_letters_and_blanks
    test_canonical.py::test_separators
"""


# %% solve_canonical
def canonical(text, spellings):
    def plain(word):
        return " ".join(re.split(r"[\s_-]+", word.strip().lower()))

    for name, others in spellings.items():
        if plain(text) in [plain(word) for word in (name, *others)]:
            return name
        return None
    return None
