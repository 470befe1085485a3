"""The ASGI application; `streamlit run app.py` finds `app` by reading this file.

Put together here and nowhere else: the screens, our own addresses, the gate and the start.
"""

import streamlit as st

from lib.start import lifespan
from lib.web.gate import MIDDLEWARE
from lib.web.routes import ROUTES

app = st.App("lib/main.py", routes=ROUTES, middleware=MIDDLEWARE, lifespan=lifespan)
