"""Conditions to wait on: a screen that has come to rest, a map that is painted.

Nothing here sleeps; a condition that never comes fails with its own name.
"""

from playwright.sync_api import Frame, Page, expect

SETTLED = """() => {
  const app = document.querySelector('[data-testid=stApp]');
  return app && app.dataset.testScriptState === 'notRunning'
    && document.querySelector('.gv-head, [data-testid=stAlert]')
    && !document.querySelector('[data-testid=stSkeleton], [data-stale=true]')
    && document.fonts.status === 'loaded';
}"""

PAINTED = """() => {
  const pictures = [...document.querySelectorAll('.leaflet-image-layer')];
  return document.documentElement.dataset.painted && window.map
    && !map._animatingZoom && pictures.every((one) => one.complete && one.naturalWidth > 0);
}"""


def settle(page: Page) -> None:
    """Return once the script has ended and everything it sent is drawn."""
    page.wait_for_function(SETTLED)


def map_frame(page: Page) -> Frame:
    """The map's frame, once the map in it is painted."""
    holder = page.locator("[class*=st-key-mapbox] iframe")
    expect(holder).to_have_count(1)  # while the map changes its root there are two
    expect(holder).to_be_visible()
    # What is asked of a frame that is only just coming may get no answer; a locator asks again.
    holder.content_frame.locator("html[data-painted]").wait_for(state="attached")
    handle = holder.element_handle()
    frame = handle.content_frame() if handle else None
    assert frame is not None
    frame.wait_for_function(PAINTED)
    return frame
