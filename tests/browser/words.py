"""What the screens say, so that a test names a button by its key and not by its wording."""

from lib.domain.vocab import Language
from lib.i18n.glossary import say


def zh(key: str, **values: object) -> str:
    """The Chinese words of `key`."""
    return say(key, Language.ZH, **values)


def en(key: str, **values: object) -> str:
    """The English words of `key`."""
    return say(key, Language.EN, **values)
