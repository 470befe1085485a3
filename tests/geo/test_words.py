from string import Formatter

import pytest

from lib.domain.vocab import Language
from lib.geo.boundaries import read_features
from lib.geo.crs import Crs, geometry_from_wgs84
from lib.geo.findings import Finding
from lib.geo.fit import misfit, moved
from lib.i18n.glossary import catalogue, say
from tests.geo.made import FILES, square
from tests.geo.test_fit import AROUND, PARENT, candidate


def beside() -> list[Finding]:
    """One finding of each kind that parent, siblings and earlier drawings give."""
    wrong = geometry_from_wgs84(square(1, 1), Crs.GCJ02)
    return [
        *misfit(candidate(square(2.03, 1)), PARENT),
        *misfit(candidate(square(9, 9)), PARENT),
        *misfit(candidate(geometry_from_wgs84(PARENT, Crs.GCJ02)), PARENT),
        *misfit(candidate(square(0.97, 1)), None, AROUND),
        *misfit(candidate(square(1, 1)), None, [PARENT]),
        *misfit(candidate(wrong), None, AROUND),
        *misfit(candidate(square(100, 0)), None, AROUND),
        *moved(candidate(square(0, 0, 2)), square()),
        *moved(candidate(wrong), square(1, 1)),
    ]


def everything() -> list[Finding]:
    read = [
        found
        for text, options, _, _ in FILES.values()
        for found in read_features(text, **{"name_field": "name", **options}).findings
    ]
    return read + beside()


def test_every_sentence_has_a_finding_and_every_finding_a_sentence():
    labels = ("boundary.field_", "boundary.severity_")
    sentences = {
        key
        for key in catalogue()
        if key.startswith("boundary.")
        and (not key.startswith(labels) or key == "boundary.field_absent")
    }
    assert {found.code for found in everything()} == sentences


@pytest.mark.parametrize("language", list(Language))
def test_every_finding_can_be_said(language: Language):
    for found in everything():
        sentence = say(found.code, language, **found.values)
        assert sentence.endswith("。" if language is Language.ZH else ".")
        assert "{" not in sentence
        assert say(f"boundary.field_{found.field}", language)
        assert say(f"boundary.severity_{found.severity}", language)


def placeholders(form: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(form) if name}


def test_both_languages_use_every_figure_of_the_finding():
    for found in everything():
        for form in catalogue()[found.code]:
            assert placeholders(form) == set(found.values), found.code
