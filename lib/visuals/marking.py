"""A picture on which a rectangle can be drawn, by mouse or finger.

What the rectangle is for is decided by who shows it.
"""

import altair as alt
import pandas as pd

WIDTH = 320
"""Pixels on the screen: it fits beside the margins of a phone."""

DRAWN = "drawn"
"""The name under which the rectangle comes back."""


def marking_chart(address: str, width: int, height: int) -> alt.Chart:
    """The picture at an address or data URL, `width` by `height` pixels of its own.

    The selection `DRAWN` holds ``x`` and ``y`` as pairs of pixels of the picture, y downwards.
    """
    shown = round(WIDTH * height / width)
    middle = pd.DataFrame({"x": [width / 2], "y": [height / 2], "picture": [address]})
    chart: alt.Chart = (
        alt.Chart(middle, width=WIDTH, height=shown)
        .mark_image(width=WIDTH, height=shown, aspect=False)
        .encode(
            x=alt.X("x:Q", axis=None, scale=alt.Scale(domain=[0, width], nice=False)),
            y=alt.Y(
                "y:Q", axis=None, scale=alt.Scale(domain=[0, height], nice=False, reverse=True)
            ),
            url="picture:N",
        )
        .add_params(alt.selection_interval(name=DRAWN, encodings=["x", "y"]))
        .configure_view(stroke=None)
        .properties(padding=0)
    )
    return chart
