"""All tables, importable from one place; one module per domain word."""

from lib.persistence.models.accounts import (
    Account,
    AccountGrant,
    ChangeOfPost,
    OneTimeCode,
    RecoveryCode,
    SecondFactor,
    SignInTry,
    SingleSignOn,
    WebSession,
)
from lib.persistence.models.areas import (
    Area,
    AreaBoundary,
    AreaLink,
    AreaPicture,
    Building,
    Estate,
    EstateGrid,
)
from lib.persistence.models.base import Base
from lib.persistence.models.certificate import Certificate, CertificateService, CertificateStep
from lib.persistence.models.check_in import (
    CheckIn,
    CheckInRequest,
    CheckInStep,
    UnitDeadline,
    VolunteerProfile,
    VolunteerRole,
    VolunteerSkill,
    VolunteerTime,
)
from lib.persistence.models.claim import Claim, ClaimService, ClaimStep, PlaceCheckIn
from lib.persistence.models.correction import CorrectionRequest, CorrectionStep
from lib.persistence.models.imports import ImportBatch, ImportRow
from lib.persistence.models.local_setting import LocalSetting
from lib.persistence.models.need import Need, NeedFiling, NeedStep, ResidentLink
from lib.persistence.models.people import Consent, Membership, Person, Team
from lib.persistence.models.photo import Photo
from lib.persistence.models.project import Project, ProjectSkill, ProjectStep
from lib.persistence.models.public_code import PublicCode
from lib.persistence.models.record import (
    AuditEntry,
    AuditSeal,
    ChangeCounter,
    Ground,
    Installation,
)
from lib.persistence.models.review import RecordReview
from lib.persistence.models.service import Participation, Service, ServiceStep
from lib.persistence.models.structure import (
    Appointment,
    Branch,
    BuildingGroup,
    CentreHousehold,
    Post,
)
from lib.persistence.models.summary import DaySummary
from lib.persistence.models.team import MembershipRequest, MembershipStep, TeamEvent
from lib.persistence.models.units import Organisation, UnitOffer

__all__ = [
    "Account",
    "AccountGrant",
    "Appointment",
    "Area",
    "AreaBoundary",
    "AreaLink",
    "AreaPicture",
    "AuditEntry",
    "AuditSeal",
    "Base",
    "Branch",
    "Building",
    "BuildingGroup",
    "CentreHousehold",
    "Certificate",
    "CertificateService",
    "CertificateStep",
    "ChangeCounter",
    "ChangeOfPost",
    "CheckIn",
    "CheckInRequest",
    "CheckInStep",
    "Claim",
    "ClaimService",
    "ClaimStep",
    "Consent",
    "CorrectionRequest",
    "CorrectionStep",
    "DaySummary",
    "Estate",
    "EstateGrid",
    "Ground",
    "ImportBatch",
    "ImportRow",
    "Installation",
    "LocalSetting",
    "Membership",
    "MembershipRequest",
    "MembershipStep",
    "Need",
    "NeedFiling",
    "NeedStep",
    "OneTimeCode",
    "Organisation",
    "Participation",
    "Person",
    "Photo",
    "PlaceCheckIn",
    "Post",
    "Project",
    "ProjectSkill",
    "ProjectStep",
    "PublicCode",
    "RecordReview",
    "RecoveryCode",
    "ResidentLink",
    "SecondFactor",
    "Service",
    "ServiceStep",
    "SignInTry",
    "SingleSignOn",
    "Team",
    "TeamEvent",
    "UnitDeadline",
    "UnitOffer",
    "VolunteerProfile",
    "VolunteerRole",
    "VolunteerSkill",
    "VolunteerTime",
    "WebSession",
]
