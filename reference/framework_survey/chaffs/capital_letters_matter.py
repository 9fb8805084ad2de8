"""Capital letters make a difference.

Caught by:
    test_canonical.py::test_capital_letters_and_blanks
"""


# %% solve_canonical
def canonical(text, spellings):
    def plain(word):
        return " ".join(re.split(r"[\s_-]+", word.strip()))

    for name, others in spellings.items():
        if plain(text) in [plain(word) for word in (name, *others)]:
            return name
    return None
