"""How personal fields look to those who do not handle them: enough to recognise, not to find.

The same rules as SQL stand in `lib.persistence.masking`, so that the full value of a masked field
never leaves the database.
"""

MASK = "**"
PHONE_SHOWN_FROM = 11
"""Characters of a telephone number from which its first three and last four may be shown."""


def mask_name(name: str) -> str:
    """``王**``: the first character; how many follow is not told."""
    return f"{name[:1]}{MASK}" if name else ""


def mask_phone(phone: str) -> str:
    """``138****5678``; of shorter numbers only the last two characters."""
    if not phone:
        return ""
    shown = (phone[:3], phone[-4:]) if len(phone) >= PHONE_SHOWN_FROM else ("", phone[-2:])
    return f"{shown[0]}{MASK}{MASK}{shown[1]}"


def is_masked(text: str) -> bool:
    """Whether a shown value is one of the above."""
    return MASK in text
