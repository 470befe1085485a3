"""What is held on people: for whoever asks, and for how long."""

from lib.domain.permissions import Permission
from lib.ui import page, personal
from lib.ui.session import open_page, t

actor = open_page(Permission.PERSON_KEEP)

page.head(t("screen.personal"), note=t("privacy.note"))
personal.desk(actor)
personal.retention(actor)
