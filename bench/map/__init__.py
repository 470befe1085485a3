"""What the map costs beside raw Leaflet on canvas, and how it looks with made-up shapes."""
