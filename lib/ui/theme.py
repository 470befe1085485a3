"""How the pages are dressed: one style sheet, colours from the palette as custom properties."""

import html
import json
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

import streamlit as st

from lib.domain.contrast import nearest_readable
from lib.domain.local_settings import Accent
from lib.domain.vocab import Language
from lib.i18n.glossary import say
from lib.settings import ROOT
from lib.ui.session import language, local, name_of, t
from lib.visuals.palette import Theme, Tokens, tokens

_SHEET = Path(__file__).with_name("ui.css")

_SHAPES = {
    "neutral": '<circle cx="8" cy="8" r="6" fill="none" stroke="{c}" stroke-width="2"/>',
    "progress": (
        '<circle cx="8" cy="8" r="6" fill="none" stroke="{c}" stroke-width="2"/>'
        '<path d="M8 2a6 6 0 0 1 0 12z" fill="{c}"/>'
    ),
    "done": (
        '<circle cx="8" cy="8" r="7" fill="{c}"/><path d="M4.8 8.3l2.2 2.2 4.2-4.6" fill="none"'
        ' stroke="{on}" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"/>'
    ),
    "soon": (
        '<path d="M8 1.6 15 14H1z" fill="{c}" stroke="{c}" stroke-width="1.4"'
        ' stroke-linejoin="round"/><path d="M8 6v4M8 12.1v.2" stroke="{on}" stroke-width="1.8"'
        ' stroke-linecap="round"/>'
    ),
    "overdue": (
        '<rect x="1" y="1" width="14" height="14" rx="3.5" fill="{c}"/><path d="M8 4v4.4l2.8 1.8"'
        ' fill="none" stroke="{on}" stroke-width="1.8" stroke-linecap="round"'
        ' stroke-linejoin="round"/>'
    ),
}

_NAME = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} 40" width="{w}" height="40">{seal}'
    '<text x="48" y="27" font-family="Noto Sans SC,Noto Sans CJK SC,PingFang SC,Microsoft YaHei,'
    'sans-serif" font-weight="700" font-size="{size}" fill="{ink}">{name}</text></svg>'
)
# Streamlit takes its own primary colour from a file at start; what carries it is told over here.
_ACCENTED = """
[data-testid="stBaseButton-primary"], [data-testid="stBaseButton-primaryFormSubmit"] {
  background: var(--brand-button); border-color: var(--brand-button); color: #fff; }
[data-testid="stBaseButton-segmented_controlActive"] {
  color: var(--brand); border-color: var(--brand); }
"""
# Streamlit words what stands in a field and in a column's menu in English only.
_WORDED = (
    ('[data-testid="InputInstructions"] span', "widget.enter"),
    ('[data-testid="stTextArea"] [data-testid="InputInstructions"] span', "widget.control_enter"),
    ('[data-testid="stDataFrameColumnMenu"] [role="menuitem"]:nth-child(2)', "widget.ascending"),
    ('[data-testid="stDataFrameColumnMenu"] [role="menuitem"]:nth-child(3)', "widget.descending"),
)
_REFUSED_FILE = '[data-testid="stFileUploader"]:has([aria-invalid="true"])'
_LANGUAGE_CODES = {Language.ZH: "zh-CN", Language.EN: "en"}


def theme() -> Theme:
    """The browser's theme, light until it says otherwise."""
    return "dark" if st.context.theme.type == "dark" else "light"


@lru_cache(maxsize=16)
def _style(kind: Theme, accent: Accent, spoken: Language) -> str:
    colours = in_colour(kind, accent)
    icons = "".join(
        f'.gv-i.{name}{{background-image:url("data:image/svg+xml,{quote(_icon(name, kind))}")}}'
        for name in _SHAPES
    )
    fonts = "@import url(/assets/fonts/sans.css);"
    sheet = _SHEET.read_text(encoding="utf-8")
    own = "" if accent == Accent() else _ACCENTED
    return f"<style>{fonts}:root{{{colours.as_css()}}}{icons}{sheet}{own}{_worded(spoken)}</style>"


def _worded(spoken: Language) -> str:
    """Our words in the place of Streamlit's own, and where it has none to be seen."""
    refused = say("widget.file_refused", spoken, limit=st.get_option("server.maxUploadSize"))
    return f"{_REFUSED_FILE}::after{{content:{_quoted(refused)}}}" + "".join(
        f"{place}{{font-size:0}}{place}::after{{font-size:.875rem;"
        f"content:{_quoted(say(key, spoken))}}}"
        for place, key in _WORDED
    )


def _quoted(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)


def in_colour(kind: Theme, accent: Accent) -> Tokens:
    """The theme's colours with the street's accent; white words must be read on its buttons."""
    colours, brand = tokens(kind), accent.light if kind == "light" else accent.dark
    if brand == colours.brand:
        return colours
    return replace(colours, brand=brand, brand_button=nearest_readable(brand, ("#FFFFFF",)))


def _icon(name: str, kind: Theme) -> str:
    colours = tokens(kind)
    shape = _SHAPES[name].format(c=getattr(colours, name), on=colours.surface)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16">{shape}</svg>'


@lru_cache(maxsize=4)
def _seal(emblem: str) -> str:
    """What stands before the name: the street's emblem, else the product's seal."""
    if emblem:
        return f'<image href="data:image/png;base64,{emblem}" width="40" height="40"/>'
    return (ROOT / "static" / "logo" / "seal.svg").read_text(encoding="utf-8").strip()


def dress() -> None:
    """Style sheet, logo and the page's language; call it once, before anything is shown."""
    kind, settings = theme(), local()
    st.html(_style(kind, settings.accent, language()))
    own = settings.street_name
    name = name_of(own.zh, own.en) or t("door.product")
    size, advance = (17, 9.9) if name.isascii() else (19, 19.2)
    st.logo(
        _NAME.format(
            w=round(52 + advance * len(name)),
            seal=_seal(settings.emblem),
            size=size,
            ink=tokens(kind).ink,
            name=html.escape(name),
        ),
        size="large",
    )
    code = _LANGUAGE_CODES[language()]
    st.html(
        f'<script src="/assets/language.js" data-language="{code}"></script>',
        unsafe_allow_javascript=True,
    )
