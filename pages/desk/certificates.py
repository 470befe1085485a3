"""Certificates of voluntary service: those asked for, those issued, and a new one."""

from lib.domain.permissions import Permission
from lib.ui import certificates, page, place
from lib.ui.session import open_page, t

actor = open_page(Permission.CERTIFICATE_ISSUE)

here = place.chosen(actor)
page.head(t("screen.certificates"), note=here.name, place=(actor, here))
certificates.desk(actor, here)
