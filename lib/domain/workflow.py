"""Workflows as tables of steps: the service decides by them, the screens offer by them.

Only the tables and their look-up stand here; what a step writes stands in `lib.services`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from lib.domain.errors import Refusal
from lib.domain.permissions import Permission
from lib.domain.vocab import (
    CertificateAction,
    CertificateState,
    CheckInAction,
    CheckInState,
    ClaimAction,
    ClaimState,
    CorrectionAction,
    CorrectionState,
    MembershipAction,
    MembershipState,
    NeedAction,
    NeedState,
    ProjectAction,
    ProjectState,
    ServiceAction,
    ServiceState,
    StateType,
    StatusToken,
)

State = TypeVar("State", bound=StrEnum)
Action = TypeVar("Action", bound=StrEnum)


@dataclass(frozen=True)
class Step(Generic[State, Action]):
    """One permitted move: `action` takes a record from `source` to `target`.

    `source` None is the beginning. `reason` says whether words must be given; `not_own` that
    whoever recorded or served may not take it; `own_only` that only the recorder, or the
    claimant, may.
    """

    source: State | None
    action: Action
    target: State
    permission: Permission
    reason: bool = False
    not_own: bool = False
    own_only: bool = False


_S, _A, _P = ServiceState, ServiceAction, Permission

SERVICE_STEPS: tuple[Step[ServiceState, ServiceAction], ...] = (
    Step(None, _A.RECORD, _S.RECORDED, _P.SERVICE_RECORD),
    Step(_S.RECORDED, _A.CONFIRM, _S.CONFIRMED, _P.SERVICE_CONFIRM, not_own=True),
    Step(_S.RECORDED, _A.RETURN, _S.RETURNED, _P.SERVICE_CONFIRM, reason=True, not_own=True),
    Step(_S.RETURNED, _A.CORRECT, _S.RECORDED, _P.SERVICE_RECORD, own_only=True),
    Step(_S.RECORDED, _A.CORRECT, _S.RECORDED, _P.SERVICE_CONFIRM, reason=True, not_own=True),
    Step(_S.CONFIRMED, _A.CORRECT, _S.CONFIRMED, _P.SERVICE_CONFIRM, reason=True, not_own=True),
    Step(_S.RECORDED, _A.VOID, _S.VOIDED, _P.SERVICE_VOID, reason=True),
    Step(_S.RETURNED, _A.VOID, _S.VOIDED, _P.SERVICE_VOID, reason=True),
    Step(_S.CONFIRMED, _A.VOID, _S.VOIDED, _P.SERVICE_VOID, reason=True),
)

SERVICE_STATE_TYPE: Mapping[ServiceState, StateType] = {
    _S.RECORDED: StateType.OPEN,
    _S.RETURNED: StateType.OPEN,
    _S.CONFIRMED: StateType.SOLVED,
    _S.VOIDED: StateType.UNSOLVED,
}

SERVICE_STATE_STATUS: Mapping[ServiceState, StatusToken] = {
    _S.RECORDED: StatusToken.PROGRESS,
    _S.RETURNED: StatusToken.SOON,
    _S.CONFIRMED: StatusToken.DONE,
    _S.VOIDED: StatusToken.NEUTRAL,
}


_N, _NA = NeedState, NeedAction

NEED_STEPS: tuple[Step[NeedState, NeedAction], ...] = (
    Step(None, _NA.COLLECT, _N.COLLECTED, _P.NEED_COLLECT),
    Step(_N.COLLECTED, _NA.EDIT, _N.COLLECTED, _P.NEED_COLLECT),
    Step(_N.COLLECTED, _NA.ADOPT, _N.ADOPTED, _P.NEED_SETTLE),
    Step(_N.COLLECTED, _NA.MERGE, _N.MERGED, _P.NEED_SETTLE),
    Step(_N.COLLECTED, _NA.DECLINE, _N.DECLINED, _P.NEED_SETTLE, reason=True),
)

NEED_STATE_TYPE: Mapping[NeedState, StateType] = {
    _N.COLLECTED: StateType.OPEN,
    _N.ADOPTED: StateType.SOLVED,
    _N.MERGED: StateType.SOLVED,
    _N.DECLINED: StateType.UNSOLVED,
}

NEED_STATE_STATUS: Mapping[NeedState, StatusToken] = {
    _N.COLLECTED: StatusToken.PROGRESS,
    _N.ADOPTED: StatusToken.DONE,
    _N.MERGED: StatusToken.DONE,
    _N.DECLINED: StatusToken.NEUTRAL,
}

_J, _JA = ProjectState, ProjectAction

PROJECT_STEPS: tuple[Step[ProjectState, ProjectAction], ...] = (
    Step(None, _JA.CREATE, _J.DRAFT, _P.PROJECT_EDIT),
    Step(_J.DRAFT, _JA.EDIT, _J.DRAFT, _P.PROJECT_EDIT),
    Step(_J.DRAFT, _JA.PUBLISH, _J.PUBLISHED, _P.PROJECT_EDIT),
    Step(_J.DRAFT, _JA.WITHDRAW, _J.WITHDRAWN, _P.PROJECT_EDIT, reason=True),
    Step(_J.PUBLISHED, _JA.CLOSE, _J.CLOSED, _P.PROJECT_EDIT),
    Step(_J.PUBLISHED, _JA.WITHDRAW, _J.WITHDRAWN, _P.PROJECT_EDIT, reason=True),
)

PROJECT_STATE_TYPE: Mapping[ProjectState, StateType] = {
    _J.DRAFT: StateType.OPEN,
    _J.PUBLISHED: StateType.OPEN,
    _J.CLOSED: StateType.SOLVED,
    _J.WITHDRAWN: StateType.UNSOLVED,
}

PROJECT_STATE_STATUS: Mapping[ProjectState, StatusToken] = {
    _J.DRAFT: StatusToken.NEUTRAL,
    _J.PUBLISHED: StatusToken.PROGRESS,
    _J.CLOSED: StatusToken.DONE,
    _J.WITHDRAWN: StatusToken.NEUTRAL,
}

_C, _CA = ClaimState, ClaimAction

CLAIM_STEPS: tuple[Step[ClaimState, ClaimAction], ...] = (
    Step(None, _CA.CLAIM, _C.ACTIVE, _P.CLAIM_TAKE, own_only=True),
    Step(None, _CA.QUEUE, _C.WAITING, _P.CLAIM_TAKE, own_only=True),
    Step(_C.WAITING, _CA.PROMOTE, _C.ACTIVE, _P.CLAIM_TAKE),
    Step(_C.WAITING, _CA.LAPSE, _C.LAPSED, _P.CLAIM_TAKE),
    Step(_C.WAITING, _CA.WITHDRAW, _C.WITHDRAWN, _P.CLAIM_TAKE, reason=True, own_only=True),
    Step(_C.ACTIVE, _CA.START, _C.IN_SERVICE, _P.CLAIM_TAKE, own_only=True),
    Step(_C.ACTIVE, _CA.SERVE, _C.SERVED, _P.SERVICE_RECORD, own_only=True),
    Step(_C.ACTIVE, _CA.LAPSE, _C.LAPSED, _P.CLAIM_TAKE),
    Step(_C.ACTIVE, _CA.WITHDRAW, _C.WITHDRAWN, _P.CLAIM_TAKE, reason=True, own_only=True),
    Step(_C.ACTIVE, _CA.HAND_OVER, _C.HANDED_OVER, _P.CLAIM_TAKE, own_only=True),
    Step(_C.IN_SERVICE, _CA.SERVE, _C.SERVED, _P.SERVICE_RECORD, own_only=True),
    Step(_C.IN_SERVICE, _CA.WITHDRAW, _C.WITHDRAWN, _P.CLAIM_TAKE, reason=True, own_only=True),
    Step(_C.IN_SERVICE, _CA.HAND_OVER, _C.HANDED_OVER, _P.CLAIM_TAKE, own_only=True),
    Step(_C.SERVED, _CA.CONFIRM, _C.CONFIRMED, _P.SERVICE_CONFIRM, not_own=True),
    Step(_C.SERVED, _CA.RETURN, _C.RETURNED, _P.SERVICE_CONFIRM, not_own=True),
    Step(_C.SERVED, _CA.REOPEN, _C.IN_SERVICE, _P.SERVICE_VOID),
    Step(_C.RETURNED, _CA.SERVE, _C.SERVED, _P.SERVICE_RECORD, own_only=True),
    Step(_C.RETURNED, _CA.CONFIRM, _C.CONFIRMED, _P.SERVICE_CONFIRM, not_own=True),
    Step(_C.RETURNED, _CA.REOPEN, _C.IN_SERVICE, _P.SERVICE_VOID),
    Step(_C.RETURNED, _CA.WITHDRAW, _C.WITHDRAWN, _P.CLAIM_TAKE, reason=True, own_only=True),
    Step(_C.CONFIRMED, _CA.REOPEN, _C.IN_SERVICE, _P.SERVICE_VOID),
)

CLAIM_STATE_TYPE: Mapping[ClaimState, StateType] = {
    _C.WAITING: StateType.OPEN,
    _C.ACTIVE: StateType.OPEN,
    _C.IN_SERVICE: StateType.OPEN,
    _C.SERVED: StateType.OPEN,
    _C.CONFIRMED: StateType.SOLVED,
    _C.RETURNED: StateType.OPEN,
    _C.LAPSED: StateType.UNSOLVED,
    _C.WITHDRAWN: StateType.UNSOLVED,
    _C.HANDED_OVER: StateType.UNSOLVED,
}

CLAIM_STATE_STATUS: Mapping[ClaimState, StatusToken] = {
    _C.WAITING: StatusToken.NEUTRAL,
    _C.ACTIVE: StatusToken.PROGRESS,
    _C.IN_SERVICE: StatusToken.PROGRESS,
    _C.SERVED: StatusToken.PROGRESS,
    _C.CONFIRMED: StatusToken.DONE,
    _C.RETURNED: StatusToken.SOON,
    _C.LAPSED: StatusToken.OVERDUE,
    _C.WITHDRAWN: StatusToken.NEUTRAL,
    _C.HANDED_OVER: StatusToken.NEUTRAL,
}

_R, _RA = CorrectionState, CorrectionAction

CORRECTION_STEPS: tuple[Step[CorrectionState, CorrectionAction], ...] = (
    Step(None, _RA.ASK, _R.ASKED, _P.SERVICE_RECORD, own_only=True),
    Step(_R.ASKED, _RA.ACCEPT, _R.ACCEPTED, _P.SERVICE_CONFIRM, not_own=True),
    Step(_R.ASKED, _RA.DECLINE, _R.DECLINED, _P.SERVICE_CONFIRM, reason=True, not_own=True),
    Step(_R.ASKED, _RA.WITHDRAW, _R.WITHDRAWN, _P.SERVICE_RECORD, own_only=True),
)

CORRECTION_STATE_TYPE: Mapping[CorrectionState, StateType] = {
    _R.ASKED: StateType.OPEN,
    _R.ACCEPTED: StateType.SOLVED,
    _R.DECLINED: StateType.UNSOLVED,
    _R.WITHDRAWN: StateType.UNSOLVED,
}

CORRECTION_STATE_STATUS: Mapping[CorrectionState, StatusToken] = {
    _R.ASKED: StatusToken.PROGRESS,
    _R.ACCEPTED: StatusToken.DONE,
    _R.DECLINED: StatusToken.NEUTRAL,
    _R.WITHDRAWN: StatusToken.NEUTRAL,
}

_T, _TA = CertificateState, CertificateAction

CERTIFICATE_STEPS: tuple[Step[CertificateState, CertificateAction], ...] = (
    Step(None, _TA.ASK, _T.ASKED, _P.SERVICE_RECORD, own_only=True),
    Step(None, _TA.ISSUE, _T.ISSUED, _P.CERTIFICATE_ISSUE, not_own=True),
    Step(_T.ASKED, _TA.ISSUE, _T.ISSUED, _P.CERTIFICATE_ISSUE, not_own=True),
    Step(_T.ASKED, _TA.DECLINE, _T.DECLINED, _P.CERTIFICATE_ISSUE, reason=True, not_own=True),
    Step(_T.ISSUED, _TA.REVOKE, _T.REVOKED, _P.CERTIFICATE_ISSUE, reason=True),
)

CERTIFICATE_STATE_TYPE: Mapping[CertificateState, StateType] = {
    _T.ASKED: StateType.OPEN,
    _T.ISSUED: StateType.SOLVED,
    _T.DECLINED: StateType.UNSOLVED,
    _T.REVOKED: StateType.UNSOLVED,
}

CERTIFICATE_STATE_STATUS: Mapping[CertificateState, StatusToken] = {
    _T.ASKED: StatusToken.PROGRESS,
    _T.ISSUED: StatusToken.DONE,
    _T.DECLINED: StatusToken.NEUTRAL,
    _T.REVOKED: StatusToken.OVERDUE,
}


_I, _IA = CheckInState, CheckInAction

CHECK_IN_STEPS: tuple[Step[CheckInState, CheckInAction], ...] = (
    Step(None, _IA.REGISTER, _I.REGISTERED, _P.CHECKIN_REGISTER),
    Step(_I.REGISTERED, _IA.PAUSE, _I.PAUSED, _P.CHECKIN_REGISTER, reason=True),
    Step(_I.REGISTERED, _IA.RETURN_SLIP, _I.REGISTERED, _P.CHECKIN_REGISTER),
    Step(_I.REGISTERED, _IA.MOVE, _I.MOVED, _P.CHECKIN_REGISTER),
    Step(_I.REGISTERED, _IA.LEAVE, _I.LEFT, _P.CHECKIN_REGISTER, reason=True),
    Step(_I.PAUSED, _IA.RESUME, _I.REGISTERED, _P.CHECKIN_REGISTER),
    Step(_I.PAUSED, _IA.RETURN_SLIP, _I.PAUSED, _P.CHECKIN_REGISTER),
    Step(_I.PAUSED, _IA.MOVE, _I.MOVED, _P.CHECKIN_REGISTER),
    Step(_I.PAUSED, _IA.LEAVE, _I.LEFT, _P.CHECKIN_REGISTER, reason=True),
)

CHECK_IN_STATE_TYPE: Mapping[CheckInState, StateType] = {
    _I.REGISTERED: StateType.OPEN,
    _I.PAUSED: StateType.OPEN,
    _I.MOVED: StateType.SOLVED,
    _I.LEFT: StateType.UNSOLVED,
}

CHECK_IN_STATE_STATUS: Mapping[CheckInState, StatusToken] = {
    _I.REGISTERED: StatusToken.DONE,
    _I.PAUSED: StatusToken.SOON,
    _I.MOVED: StatusToken.NEUTRAL,
    _I.LEFT: StatusToken.NEUTRAL,
}


_M, _MA = MembershipState, MembershipAction

MEMBERSHIP_STEPS: tuple[Step[MembershipState, MembershipAction], ...] = (
    Step(None, _MA.JOIN, _M.MEMBER, _P.TEAM_JOIN, own_only=True),
    Step(None, _MA.ASK, _M.ASKED, _P.TEAM_JOIN, own_only=True),
    Step(None, _MA.INVITE, _M.INVITED, _P.TEAM_EDIT),
    Step(_M.ASKED, _MA.ACCEPT, _M.MEMBER, _P.TEAM_EDIT, not_own=True),
    Step(_M.ASKED, _MA.DECLINE, _M.DECLINED, _P.TEAM_EDIT, reason=True, not_own=True),
    Step(_M.ASKED, _MA.WITHDRAW, _M.WITHDRAWN, _P.TEAM_JOIN, own_only=True),
    Step(_M.INVITED, _MA.ACCEPT, _M.MEMBER, _P.TEAM_JOIN, own_only=True),
    Step(_M.INVITED, _MA.DECLINE, _M.DECLINED, _P.TEAM_JOIN, own_only=True),
    Step(_M.INVITED, _MA.WITHDRAW, _M.WITHDRAWN, _P.TEAM_EDIT),
    Step(_M.MEMBER, _MA.LEAVE, _M.LEFT, _P.TEAM_JOIN, own_only=True),
)

MEMBERSHIP_STATE_TYPE: Mapping[MembershipState, StateType] = {
    _M.ASKED: StateType.OPEN,
    _M.INVITED: StateType.OPEN,
    _M.MEMBER: StateType.SOLVED,
    _M.DECLINED: StateType.UNSOLVED,
    _M.WITHDRAWN: StateType.UNSOLVED,
    _M.LEFT: StateType.UNSOLVED,
}

MEMBERSHIP_STATE_STATUS: Mapping[MembershipState, StatusToken] = {
    _M.ASKED: StatusToken.PROGRESS,
    _M.INVITED: StatusToken.PROGRESS,
    _M.MEMBER: StatusToken.DONE,
    _M.DECLINED: StatusToken.NEUTRAL,
    _M.WITHDRAWN: StatusToken.NEUTRAL,
    _M.LEFT: StatusToken.NEUTRAL,
}


def service_step(
    source: ServiceState | None, action: ServiceAction
) -> Step[ServiceState, ServiceAction]:
    """The step that `action` takes from `source`.

    Raises:
        Refusal: ``refusal.wrong_state`` when the table holds no such step.
    """
    return _step(SERVICE_STEPS, source, action)


def need_step(source: NeedState | None, action: NeedAction) -> Step[NeedState, NeedAction]:
    """The step that `action` takes a need from `source`; see `service_step`."""
    return _step(NEED_STEPS, source, action)


def project_step(
    source: ProjectState | None, action: ProjectAction
) -> Step[ProjectState, ProjectAction]:
    """The step that `action` takes a project from `source`; see `service_step`."""
    return _step(PROJECT_STEPS, source, action)


def claim_step(source: ClaimState | None, action: ClaimAction) -> Step[ClaimState, ClaimAction]:
    """The step that `action` takes a claim from `source`; see `service_step`."""
    return _step(CLAIM_STEPS, source, action)


def check_in_step(
    source: CheckInState | None, action: CheckInAction
) -> Step[CheckInState, CheckInAction]:
    """The step that `action` takes a check-in from `source`; see `service_step`."""
    return _step(CHECK_IN_STEPS, source, action)


def correction_step(
    source: CorrectionState | None, action: CorrectionAction
) -> Step[CorrectionState, CorrectionAction]:
    """The step that `action` takes a request for a correction from `source`; see `service_step`."""
    return _step(CORRECTION_STEPS, source, action)


def membership_step(
    source: MembershipState | None, action: MembershipAction
) -> Step[MembershipState, MembershipAction]:
    """The step that `action` takes on the way into a team; see `service_step`."""
    return _step(MEMBERSHIP_STEPS, source, action)


def certificate_step(
    source: CertificateState | None, action: CertificateAction
) -> Step[CertificateState, CertificateAction]:
    """The step that `action` takes a certificate from `source`; see `service_step`."""
    return _step(CERTIFICATE_STEPS, source, action)


def _step(
    table: Iterable[Step[State, Action]], source: State | None, action: Action
) -> Step[State, Action]:
    for step in table:
        if step.source == source and step.action == action:
            return step
    raise Refusal("refusal.wrong_state", state=source or "", action=action)
