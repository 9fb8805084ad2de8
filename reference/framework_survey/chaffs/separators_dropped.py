"""Blanks, hyphens and underscores are dropped, so that two words are the same as one.

Caught by:
    test_canonical.py::test_the_whole_text
"""


# %% solve_canonical
def canonical(text, spellings):
    def plain(word):
        return "".join(re.split(r"[\s_-]+", word.strip().lower()))

    for name, others in spellings.items():
        if plain(text) in [plain(word) for word in (name, *others)]:
            return name
    return None
