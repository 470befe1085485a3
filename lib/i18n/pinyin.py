"""Pinyin initials of names, by which people search without typing Chinese.

It knows letters only; who is searched and how stands in `lib.queries`.
"""

import unicodedata


def initials(name: str) -> str:
    """The first letter of every character's reading, lower case: 石桥第3网格 is ``sqd3wg``.

    Latin letters and digits stay as they are; everything else, and a character whose reading
    is not known, is left out.
    """
    # Its dictionary takes 40 MiB and a second, and most commands name nothing new.
    from pypinyin import Style, lazy_pinyin

    parts = lazy_pinyin(unicodedata.normalize("NFKC", name), style=Style.FIRST_LETTER)
    return "".join(c for part in parts for c in part.lower() if c.isascii() and c.isalnum())
