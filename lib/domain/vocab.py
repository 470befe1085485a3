"""The closed vocabularies of neighbourhood governance, one StrEnum each.

Values are stored in the database and travel in URLs; words for people stand in `lib.i18n`.
"""

from enum import StrEnum


class Language(StrEnum):
    """Languages of the screens."""

    ZH = "zh"
    EN = "en"


class Level(StrEnum):
    """Levels of the area tree, widest first; a tree may leave out levels."""

    PREFECTURE = "prefecture"
    DISTRICT = "district"
    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"

    @property
    def depth(self) -> int:
        """Place in the order of levels, 0 for the widest."""
        return list(Level).index(self)


class PostKind(StrEnum):
    """Offices that hold a grid: the head answers for it, workers walk it."""

    HEAD = "head"
    WORKER = "worker"


class Office(StrEnum):
    """Where an office stands: the tables whose rows somebody can hold."""

    POST = "post"
    BRANCH = "branch"
    BUILDING_GROUP = "building_group"
    CENTRE_HOUSEHOLD = "centre_household"


class UnitKind(StrEnum):
    """Kinds of resident unit (驻区单位)."""

    GOVERNMENT = "government"
    SCHOOL = "school"
    HOSPITAL = "hospital"
    STATE_FIRM = "state_firm"
    PRIVATE_FIRM = "private_firm"
    BUSINESS_CIRCLE = "business_circle"
    SOCIAL_ORGANISATION = "social_organisation"


class Net(StrEnum):
    """The 1+1+4 nets: one core, one circle, four nets; every unit belongs to one."""

    CORE = "core"
    CIRCLE = "circle"
    ADMINISTRATIVE = "administrative"
    RESIDENTIAL = "residential"
    COMPREHENSIVE = "comprehensive"
    COORDINATION = "coordination"


class ServiceKind(StrEnum):
    """What a service, and the team that gives it, is about."""

    PATROL = "patrol"
    VISIT = "visit"
    MEDIATION = "mediation"
    OPINION_TALK = "opinion_talk"
    COUNSELLING = "counselling"
    LECTURE = "lecture"
    CULTURE_SPORT = "culture_sport"
    CIVILITY = "civility"
    TUTORING = "tutoring"
    CLEAN_UP = "clean_up"
    HEALTH = "health"
    REPAIR = "repair"
    OTHER = "other"


class Beneficiary(StrEnum):
    """Whom a service was for."""

    ALL_RESIDENTS = "all_residents"
    FAMILY_IN_DIFFICULTY = "family_in_difficulty"
    ELDER_ALONE = "elder_alone"
    LEFT_BEHIND_CHILD = "left_behind_child"
    DISABLED = "disabled"


class ServiceState(StrEnum):
    """States of a service record."""

    RECORDED = "recorded"
    CONFIRMED = "confirmed"
    RETURNED = "returned"
    VOIDED = "voided"


class ServiceAction(StrEnum):
    """What can be done to a service record."""

    RECORD = "record"
    CONFIRM = "confirm"
    RETURN = "return"
    CORRECT = "correct"
    VOID = "void"


class NeedSource(StrEnum):
    """Where a need was heard of: the standing channels, or the resident in person."""

    DOORSTEP = "doorstep"
    SURVEY = "survey"
    RECEPTION_DAY = "reception_day"
    PHONE = "phone"
    CHAT_GROUP = "chat_group"
    CHIEF = "chief"
    RESIDENT = "resident"


class NeedStage(StrEnum):
    """Where a need stands for whoever asked: by itself, its project and its services."""

    COLLECTED = "collected"
    ADOPTED = "adopted"
    CLAIMED = "claimed"
    IN_SERVICE = "in_service"
    SERVED = "served"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    CALLED_OFF = "called_off"


class ConfirmedBy(StrEnum):
    """Who says that a service was given; never somebody who gave it."""

    RESIDENT_LINK = "resident_link"
    ON_BEHALF_BY_PHONE = "on_behalf_by_phone"
    CENTRE_HOUSEHOLD = "centre_household"
    SECRETARY = "secretary"


class Answer(StrEnum):
    """Yes or no, where a file says so in a word."""

    YES = "yes"
    NO = "no"


class CodeFor(StrEnum):
    """What a code on paper opens on a phone."""

    NEED = "need"
    CHECK_IN = "check_in"
    SERVICE = "service"


class Urgency(StrEnum):
    """How long a need can wait."""

    ORDINARY = "ordinary"
    SOON = "soon"
    URGENT = "urgent"


class NeedState(StrEnum):
    """States of a need."""

    COLLECTED = "collected"
    ADOPTED = "adopted"
    MERGED = "merged"
    DECLINED = "declined"


class NeedAction(StrEnum):
    """What can be done to a need."""

    COLLECT = "collect"
    EDIT = "edit"
    ADOPT = "adopt"
    MERGE = "merge"
    DECLINE = "decline"


class Entry(StrEnum):
    """Where a project enters (四进)."""

    COMMUNITY = "community"
    GRID = "grid"
    COURTYARD = "courtyard"
    FAMILY = "family"


class Bringing(StrEnum):
    """What a project brings where it enters (四送)."""

    SERVICE = "service"
    HARMONY = "harmony"
    CIVILITY = "civility"
    WARMTH = "warmth"


class ProjectState(StrEnum):
    """States of a project; its progress is derived from its claims."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class ProjectAction(StrEnum):
    """What can be done to a project."""

    CREATE = "create"
    EDIT = "edit"
    PUBLISH = "publish"
    CLOSE = "close"
    WITHDRAW = "withdraw"


class ClaimState(StrEnum):
    """States of a claim."""

    WAITING = "waiting"
    ACTIVE = "active"
    IN_SERVICE = "in_service"
    SERVED = "served"
    CONFIRMED = "confirmed"
    RETURNED = "returned"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"
    HANDED_OVER = "handed_over"


class ClaimAction(StrEnum):
    """What happens to a claim; `serve`, `confirm`, `return` and `reopen` follow its services."""

    CLAIM = "claim"
    QUEUE = "queue"
    PROMOTE = "promote"
    START = "start"
    SERVE = "serve"
    CONFIRM = "confirm"
    RETURN = "return"
    REOPEN = "reopen"
    LAPSE = "lapse"
    WITHDRAW = "withdraw"
    HAND_OVER = "hand_over"


class CheckInState(StrEnum):
    """States of a check-in (报到); moved and left ones ended."""

    REGISTERED = "registered"
    PAUSED = "paused"
    MOVED = "moved"
    LEFT = "left"


class CheckInAction(StrEnum):
    """What happens to a check-in."""

    REGISTER = "register"
    PAUSE = "pause"
    RESUME = "resume"
    RETURN_SLIP = "return_slip"
    MOVE = "move"
    LEAVE = "leave"


class Skill(StrEnum):
    """What volunteers can do and projects ask for."""

    REPAIR = "repair"
    ELECTRICS = "electrics"
    HAIRDRESSING = "hairdressing"
    NURSING = "nursing"
    FIRST_AID = "first_aid"
    COUNSELLING = "counselling"
    LAW = "law"
    MEDIATION = "mediation"
    TEACHING = "teaching"
    CALLIGRAPHY = "calligraphy"
    MUSIC_DANCE = "music_dance"
    SPORT = "sport"
    COMPUTERS = "computers"
    PHOTOGRAPHY = "photography"
    COOKING = "cooking"
    GARDENING = "gardening"
    DRIVING = "driving"
    SIGN_LANGUAGE = "sign_language"
    LANGUAGES = "languages"
    ORGANISING = "organising"


class DayPart(StrEnum):
    """Parts of a day in which volunteers are free."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


class VolunteerDuty(StrEnum):
    """The eight roles (八员) and the three chiefs (三长) that volunteers take on."""

    PUBLICIST = "publicist"
    ADVISER = "adviser"
    MODEL = "model"
    CHARITY_PROMOTER = "charity_promoter"
    HELPER = "helper"
    TUTOR = "tutor"
    INFORMATION_LIAISON = "information_liaison"
    SAFETY_OFFICER = "safety_officer"
    YARD_CHIEF = "yard_chief"
    BUILDING_CHIEF = "building_chief"
    HOUSEHOLD_CHIEF = "household_chief"


class CorrectionState(StrEnum):
    """States of a volunteer's request to correct a participation."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class CorrectionAction(StrEnum):
    """What can be done to a request for a correction."""

    ASK = "ask"
    ACCEPT = "accept"
    DECLINE = "decline"
    WITHDRAW = "withdraw"


class TeamJoining(StrEnum):
    """How somebody comes into a team: at once, by asking, or by invitation alone."""

    OPEN = "open"
    APPROVED = "approved"
    INVITED = "invited"


class MembershipState(StrEnum):
    """States of the way into a team."""

    ASKED = "asked"
    INVITED = "invited"
    MEMBER = "member"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LEFT = "left"


class MembershipAction(StrEnum):
    """What can be done on the way into a team, and out of it."""

    JOIN = "join"
    ASK = "ask"
    INVITE = "invite"
    ACCEPT = "accept"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    LEAVE = "leave"


class Stage(StrEnum):
    """How far a need came on its way to a confirmed service; each holds the ones after it."""

    COLLECTED = "collected"
    ADOPTED = "adopted"
    PUBLISHED = "published"
    CLAIMED = "claimed"
    SERVED = "served"
    CONFIRMED = "confirmed"


class Side(StrEnum):
    """Who claims: members with their teams and units, or private firms and social organisations."""

    MEMBERS = "members"
    FIRMS = "firms"


class CertificateState(StrEnum):
    """States of a certificate of voluntary service."""

    ASKED = "asked"
    ISSUED = "issued"
    DECLINED = "declined"
    REVOKED = "revoked"


class CertificateAction(StrEnum):
    """What can be done to a certificate."""

    ASK = "ask"
    ISSUE = "issue"
    DECLINE = "decline"
    REVOKE = "revoke"


class PhotoMoment(StrEnum):
    """Whether a photo shows how it was before a service, or after."""

    BEFORE = "before"
    AFTER = "after"


class Trust(StrEnum):
    """How far a participation is vouched for, weakest first."""

    SELF_REPORTED = "self_reported"
    CHECKED_IN = "checked_in"
    CONFIRMED = "confirmed"
    CERTIFIED = "certified"


class Topic(StrEnum):
    """What a change counter counts; reads are cached until a topic they use moves."""

    AREAS = "areas"
    STRUCTURE = "structure"
    UNITS = "units"
    PEOPLE = "people"
    SERVICE = "service"
    NEED = "need"
    PROJECT = "project"
    SETTINGS = "settings"


class RevealReason(StrEnum):
    """Why somebody looks at a masked personal field; other reasons are given in words."""

    CONTACT = "contact"
    VERIFY = "verify"
    CORRECT = "correct"
    URGENT = "urgent"
    OTHER = "other"


class StatusToken(StrEnum):
    """The five status shapes of the design: shape, word and colour together."""

    NEUTRAL = "neutral"
    PROGRESS = "progress"
    DONE = "done"
    SOON = "soon"
    OVERDUE = "overdue"


class StateType(StrEnum):
    """What a state means to the person waiting."""

    OPEN = "open"
    SOLVED = "solved"
    UNSOLVED = "unsolved"
