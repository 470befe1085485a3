"""The script that Streamlit runs at every rerun: actor, navigation, page, live refresh."""

import streamlit as st

from lib.queries.local_settings import current
from lib.ui.act import say_done
from lib.ui.live import begin_run, end_run, follow, read
from lib.ui.pages import navigation
from lib.ui.session import account_bar, adopt, require_actor
from lib.ui.theme import dress

st.set_page_config(layout="wide")
actor = require_actor()
begin_run(actor)
adopt(read(current, actor))
dress()
page = navigation(actor)
account_bar(actor)
say_done()
page.run()
end_run()
follow()
