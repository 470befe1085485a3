"""Who may do what: the table that pages, buttons, commands and queries are decided by."""

from lib.domain.permissions import Permission
from lib.ui import matrix, page
from lib.ui.session import open_page, t

actor = open_page(Permission.MATRIX_VIEW)

page.head(t("screen.matrix"), note=t("matrix.note"))
matrix.table(actor)
matrix.givers()
