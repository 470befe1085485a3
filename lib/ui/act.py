"""Commands from the screen: a refusal becomes its sentence in place, success a toast."""

import logging
import uuid
from collections.abc import Callable, Mapping

import streamlit as st
from sqlalchemy.exc import SQLAlchemyError

from lib.domain.errors import Refusal
from lib.i18n.glossary import problem_sentence, sentence
from lib.ui.session import language, plain, t

log = logging.getLogger(__name__)
_DONE = "done"


def perform(
    command: Callable[..., object],
    *args: object,
    done: str,
    done_values: Mapping[str, object] | None = None,
    then: Callable[[], None] | None = None,
    **values: object,
) -> Refusal:
    """Run a command; on success say `done` and rerun, on refusal say why and go on.

    What was typed stays where it is. `then` runs after success, to clear a form or the like.
    The refusal is returned for screens that have more to say about it.
    """
    refusal = _refused(command, *args, **values)
    if refusal is None:
        st.session_state[_DONE] = t(done, **(done_values or {}))
        if then is not None:
            then()
        st.rerun()
    show_refusal(refusal)
    return refusal


def _refused(command: Callable[..., object], *args: object, **values: object) -> Refusal | None:
    try:
        command(*args, **values)
    except Refusal as refusal:
        return refusal
    except SQLAlchemyError:
        number = uuid.uuid4().hex[:8]
        log.exception("error %s in %s", number, command.__qualname__)
        return Refusal("refusal.unexpected", number=number)
    return None


def show_refusal(refusal: Refusal) -> None:
    """The refusal's sentence, and each field's problem under it."""
    lines = [plain(sentence(refusal, language()))]
    lines += [f"- {plain(problem_sentence(p, language()))}" for p in refusal.problems]
    st.error("\n".join(lines), icon=":material/error:")


def say_done() -> None:
    """Show the toast of the command that succeeded in the last run."""
    words = st.session_state.pop(_DONE, None)
    if words:
        st.toast(words, icon=":material/check_circle:")


def request_id(form: str) -> str:
    """The form's request id, the same until `renew` is called after success."""
    return str(st.session_state.setdefault(f"request_{form}", str(uuid.uuid4())))


def renew(form: str) -> None:
    """A fresh form: a new request id, and new keys for its widgets."""
    st.session_state.pop(f"request_{form}", None)
    st.session_state[f"generation_{form}"] = generation(form) + 1


def generation(form: str) -> int:
    """A number for the keys of a form's widgets; it changes when the form starts afresh."""
    return int(st.session_state.get(f"generation_{form}", 0))
