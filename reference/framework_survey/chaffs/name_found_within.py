"""A text that contains a spelling is taken for it: TFLite for TF.

Caught by:
    test_canonical.py::test_the_whole_text
"""


# %% solve_canonical
def canonical(text, spellings):
    def plain(word):
        return " ".join(re.split(r"[\s_-]+", word.strip().lower()))

    for name, others in spellings.items():
        if any(plain(word) in plain(text) for word in (name, *others)):
            return name
    return None
