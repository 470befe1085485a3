"""Certificates of voluntary service: the numbers on them.

Order 67 of the Ministry of Civil Affairs (in force since 2021-02-01) says what a certificate holds.
"""


def volunteer_number(person_id: int) -> str:
    """The volunteer's number, which is not the identity number: ``V0000042``."""
    return f"V{person_id:07d}"
