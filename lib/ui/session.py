"""Who is looking: the actor of this browser's session, and its language.

The first statement of every page is `open_page`; it stops a script whose actor may not be here.
"""

import html
from enum import StrEnum
from urllib.parse import urlsplit

import streamlit as st

from lib.domain.local_settings import LocalSettings
from lib.domain.origin import come_from
from lib.domain.permissions import Actor, Permission
from lib.domain.vocab import Language
from lib.i18n.glossary import named, say, word
from lib.queries import sessions as session_queries
from lib.services import sessions
from lib.services.audit import refuse_page

_LANGUAGE, _LOCAL, _TOKEN = "language", "local_settings", "session_token"
_SAME_MACHINE = "127.0.0.1"
"""Streamlit names no address for browsers on the server's own machine."""
_MARKDOWN = frozenset(r"\`*_{}[]<>()#+-!|~$:")


def current_actor() -> Actor | None:
    """The actor of this browser's session cookie, looked up at every call."""
    come_from(st.context.ip_address or _SAME_MACHINE, st.context.headers.get("User-Agent"))
    token = st.session_state[_TOKEN] = st.context.cookies.get(sessions.COOKIE)
    actor = session_queries.actor_of(token)
    if actor is not None:
        st.session_state[_LANGUAGE] = actor.language
    return actor


def session_token() -> str | None:
    """The token that this browser's actor was last looked up by."""
    token: str | None = st.session_state.get(_TOKEN)
    return token


def require_actor() -> Actor:
    """The actor; without one the script ends here and the browser is sent to the door."""
    actor = current_actor()
    if actor is None:
        st.error(t("page.sign_in_first"))
        st.html('<script src="/assets/leave.js"></script>', unsafe_allow_javascript=True)
        st.stop()
    return actor


def open_page(permission: Permission) -> Actor:
    """Guard a page: the actor if `permission` is held anywhere, else the script ends here.

    Somebody refused reads why in one sentence and is shown the way back.
    """
    actor = require_actor()
    if not actor.may(permission):
        refuse_page(actor, permission, page=urlsplit(st.context.url or "").path)
        st.error(t("page.not_for_you" if actor.grants else "page.no_grant"))
        if actor.grants:
            st.html(f'<a class="gv-back" href="/">{html.escape(t("page.back"))}</a>')
        st.stop()
    return actor


def language() -> Language:
    """The language of this session's screens."""
    chosen: Language = st.session_state.get(_LANGUAGE, Language.ZH)
    return chosen


def t(key: str, **values: object) -> str:
    """The words of `key` in the session's language."""
    return say(key, language(), **values)


def name_of(zh: str, en: object) -> str:
    """A name in the session's language; a missing English one falls back to Chinese."""
    return named(zh, en if isinstance(en, str) else None, language())


def adopt(settings: LocalSettings) -> None:
    """Let the street's own settings hold on this browser's screens."""
    st.session_state[_LOCAL] = settings


def local() -> LocalSettings:
    """The street's own settings, the product's defaults before a page has begun."""
    settings: LocalSettings = st.session_state.get(_LOCAL) or LocalSettings()
    return settings


def called(member: StrEnum) -> str:
    """What the street calls a member of a vocabulary, else its usual word."""
    return local().own_word(member, language()) or word(member, language())


def plain(text: str) -> str:
    """Text of users inside Markdown, as in labels and messages: shown as it is, never a link."""
    return "".join(f"\\{c}" if c in _MARKDOWN else c for c in text)


def account_bar(actor: Actor) -> None:
    """Language switch and the way out, at the right of the navigation."""

    def change() -> None:
        token = st.context.cookies.get(sessions.COOKIE)
        if token:
            sessions.set_language(token, st.session_state["language_switch"])

    st.session_state["language_switch"] = actor.language
    with st.container(horizontal=True, key="account", vertical_alignment="center"):
        st.segmented_control(
            t("page.language"),
            list(Language),
            format_func=lambda code: say(f"Language.{code}", code),
            key="language_switch",
            on_change=change,
            required=True,
            label_visibility="collapsed",
        )
        demo = f"<em>{html.escape(t('page.demonstration'))}</em>" if _is_demonstration() else ""
        st.html(
            f'<form class="gv-out" method="post" action="/session/close">{demo}'
            f'<a href="/account" target="_self" title="{html.escape(t("me.title"))}"'
            f' aria-label="{html.escape(t("me.title"))}">'
            f"<span>{html.escape(name_of(actor.name_zh, actor.name_en))}</span></a>"
            f'<button type="submit">{html.escape(t("page.sign_out"))}</button></form>',
            width="content",
        )


@st.cache_data(ttl=60, show_spinner=False)
def _is_demonstration() -> bool:
    return session_queries.demonstration()
