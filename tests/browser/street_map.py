"""The map in its frame as a person uses it: where its shapes are, how they look, clicking them."""

from dataclasses import dataclass

from playwright.sync_api import Frame, Page

from tests.browser.waiting import map_frame

LAYERS = """() => {
  const found = [];
  map.eachLayer((layer) => layer.feature && layer.options.fillColor !== undefined
    && found.push([layer.feature.id, `${layer.options.fillColor} ${layer.options.fillOpacity}`]));
  return Object.fromEntries(found);
}"""
VIEW = "() => [map.getCenter().lat, map.getCenter().lng, map.getZoom()]"
SPOT = """([lon, lat]) => {
  const { x, y } = map.latLngToContainerPoint([lat, lon]);
  return { x, y };
}"""
INKED = """(pane) => {
  const canvas = document.querySelector(`.leaflet-${pane}-pane canvas`);
  const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
  let inked = 0;
  for (let i = 3; i < pixels.length; i += 4) if (pixels[i]) inked += 1;
  return inked;
}"""
CHOSEN = """() => {
  const outlines = [];
  map.eachLayer((layer) => layer.options.weight === 3.6 && outlines.push(layer.getBounds()));
  return outlines;
}"""
Spot = tuple[float, float]


@dataclass(frozen=True)
class StreetMap:
    """A painted map; positions are longitude and latitude."""

    frame: Frame

    @classmethod
    def on(cls, page: Page) -> "StreetMap":
        """The map of this page, once painted."""
        return cls(map_frame(page))

    def view(self) -> list[float]:
        """Latitude and longitude of the centre, and the zoom."""
        found: list[float] = self.frame.evaluate(VIEW)
        return found

    def fills(self) -> dict[str, str]:
        """Colour and opacity of every area by its id."""
        found: dict[str, str] = self.frame.evaluate(LAYERS)
        return found

    def zoom_in(self) -> None:
        """Press the button once and let the map come to rest."""
        before = self.view()[2]
        self.frame.locator(".leaflet-control-zoom-in").click()
        self.frame.wait_for_function(
            "(before) => !map._animatingZoom && map.getZoom() > before", arg=before
        )

    def classes(self, measure: object, column: object) -> list[str]:
        """The class that the map gives to each figure of a column: "0" to "5", or "-" unknown."""
        message = {"columns": [column], "measure": measure, "tooltip": [], "labels": None}
        found: list[str] = self.frame.evaluate("(m) => gv.unfold(m).classes", message)
        return found

    def inked(self, pane: str) -> int:
        """How many pixels of the pane's canvas are not empty."""
        found: int = self.frame.evaluate(INKED, pane)
        return found

    def await_outline_around(self, spot: Spot) -> None:
        """Return once the one area outlined as chosen reaches around the spot."""
        self.frame.wait_for_function(
            f"""([lon, lat]) => {{
              const [box, ...more] = ({CHOSEN})();
              return box && !more.length && box.contains([lat, lon]);
            }}""",
            arg=list(spot),
        )

    def click(self, spot: Spot) -> None:
        """Click where the spot is shown now."""
        self.frame.locator("#map_div").click(position=self.frame.evaluate(SPOT, list(spot)))

    def point_at(self, spot: Spot) -> None:
        """Move the mouse to where the spot is shown now."""
        self.frame.locator("#map_div").hover(position=self.frame.evaluate(SPOT, list(spot)))

    def await_other_fills(self, before: dict[str, str]) -> None:
        """Return once any area looks other than `before`."""
        self.frame.wait_for_function(
            f"(before) => JSON.stringify(({LAYERS})()) !== JSON.stringify(before)", arg=before
        )
