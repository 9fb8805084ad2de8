"""A hyphen or an underscore is not the same as a blank.

Caught by:
    test_canonical.py::test_separators
"""


# %% solve_canonical
def canonical(text, spellings):
    def plain(word):
        return word.strip().lower()

    for name, others in spellings.items():
        if plain(text) in [plain(word) for word in (name, *others)]:
            return name
    return None
