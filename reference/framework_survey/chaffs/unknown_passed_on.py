"""What is none of the names is passed on as it is.

Caught by:
    test_canonical.py::test_the_whole_text
    test_canonical.py::test_unknown
"""


# %% solve_canonical
def canonical(text, spellings):
    def plain(word):
        return " ".join(re.split(r"[\s_-]+", word.strip().lower()))

    for name, others in spellings.items():
        if plain(text) in [plain(word) for word in (name, *others)]:
            return name
    return text
