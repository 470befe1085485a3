/*
 * Drawing one boundary in the browser, and pins on maps and pictures. Points and snapping are
 * Leaflet-Geoman's; what is kept here is which drawing it is, its way back, and telling the page.
 * What the messages hold: lib/visuals/drawing.py.
 */
(() => {
  'use strict';
  const gv = (window.gv = window.gv || {});
  const STYLE = { weight: 3, fillOpacity: 0.14, className: 'gv-drawing' };
  const SNAP = { snappable: true, snapSegment: true, snapDistance: 18 };
  const EDIT = {
    ...SNAP,
    allowSelfIntersection: true,
    removeLayerBelowMinVertexCount: false,
    preventMarkerRemoval: false,
  };
  let map, group, spec, tools, picture, layer, working;
  let past = [];
  let future = [];
  let now = '';
  let deleting = false;
  let quiet = false; // points are put, not drawn: nothing is noted or told

  const make = (tag, className, text) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const colour = () => getComputedStyle(document.documentElement).getPropertyValue('--brand').trim();
  const rounded = (at) =>
    Array.isArray(at) ? at.map(rounded) : [Number(at.lat.toFixed(7)), Number(at.lng.toFixed(7))];
  const flat = (nested) => (typeof nested[0] === 'number' ? [nested] : nested.flatMap(flat));

  // What was drawn: nested latitudes and longitudes, closed or still a line.
  const state = () =>
    JSON.stringify(
      layer
        ? { closed: true, at: rounded(layer.getLatLngs()) }
        : { closed: false, at: working ? rounded(working.getLatLngs()) : [] },
    );

  const geometry = ({ closed, at }) => {
    const turned = (nested) =>
      typeof nested[0] === 'number' ? [nested[1], nested[0]] : nested.map(turned);
    const ring = (points) => (points.length ? [...points, points[0]] : points);
    if (!closed) return { type: 'Polygon', coordinates: [ring(turned(at))] };
    const parts = typeof at[0][0][0] === 'number' ? [at] : at;
    const coordinates = parts.map((rings) => rings.map((one) => ring(turned(one))));
    if (coordinates.length > 1) return { type: 'MultiPolygon', coordinates };
    return { type: 'Polygon', coordinates: coordinates[0] };
  };

  const told = (id, kind, shape) => {
    const feature = { type: 'Feature', id, properties: { kind, at: Date.now() }, geometry: shape };
    // The way every click on a shape goes to the page.
    group.fire('click', { layer: { toGeoJSON: () => feature } });
  };
  const tell = () => told(spec.token, 'drawing', geometry(JSON.parse(now)));
  const place = () => `gv-drawing-${spec.token}`;

  const note = () => {
    if (quiet) return;
    const next = state();
    if (next === now) return;
    past.push(now);
    future = [];
    now = next;
    sessionStorage.setItem(place(), now); // the frame is loaded anew when a neighbour changes
    show();
    tell();
  };

  const begin = () => {
    const line = { color: colour(), weight: 3 };
    map.pm.enableDraw('Polygon', {
      ...SNAP,
      tooltips: false,
      allowSelfIntersection: true,
      templineStyle: line,
      hintlineStyle: { ...line, dashArray: [6, 6] },
      pathOptions: { ...STYLE, color: colour() },
      markerStyle: { draggable: true },
    });
  };

  const edit = () => {
    layer.pm.disable();
    layer.pm.enable({ ...EDIT, removeVertexOn: deleting ? 'click' : 'contextmenu' });
  };

  const take = (made) => {
    layer = made;
    working = null;
    layer.options.snapIgnore = true;
    layer.on('pm:edit', note);
    edit();
  };

  const clear = () => {
    map.pm.disableDraw();
    if (layer) layer.pm.disable();
    if (layer) layer.remove();
    layer = working = null;
  };

  const put = (wanted) => {
    quiet = true;
    clear();
    const { closed, at } = JSON.parse(wanted);
    if (closed) take(L.polygon(at, { ...STYLE, color: colour() }).addTo(map));
    else {
      begin();
      for (const [lat, lng] of at) {
        const latlng = L.latLng(lat, lng);
        // With Alt held nothing snaps: the point comes back to where it was.
        map.fire('mousemove', { latlng, originalEvent: { altKey: true } });
        map.fire('click', { latlng });
      }
    }
    quiet = false;
    now = wanted;
    suspend();
    show();
  };

  // While pins are set, clicks belong to them.
  const suspend = () => {
    const idle = Boolean(spec.picking);
    if (layer) idle ? layer.pm.disable() : layer.pm.enabled() || edit();
    else if (idle && map.pm.globalDrawModeEnabled()) map.pm.disableDraw();
    tools.bar.hidden = idle;
    map.getContainer().classList.toggle('gv-picking', idle);
  };

  const back = (from, to) => {
    if (!from.length) return;
    to.push(now);
    put(from.pop());
    sessionStorage.setItem(place(), now);
    tell();
  };

  const hectares = (at) => {
    const R = 6371008.8;
    const points = flat(at);
    const middle = (points.reduce((sum, p) => sum + p[0], 0) / points.length) * (Math.PI / 180);
    const ring = (one) => {
      let twice = 0;
      one.forEach((p, i) => {
        const q = one[(i + 1) % one.length];
        twice += (p[1] - one[0][1]) * (q[0] - one[0][0]) - (q[1] - one[0][1]) * (p[0] - one[0][0]);
      });
      return (Math.abs(twice) / 2) * (Math.PI / 180) ** 2 * R * R * Math.cos(middle);
    };
    const rings = (nested) =>
      typeof nested[0][0] === 'number' ? [nested] : nested.flatMap(rings);
    const parts = typeof at[0][0][0] === 'number' ? [at] : at;
    const sizes = parts.map((part) => rings(part).map(ring));
    return sizes.reduce((sum, [outer, ...holes]) => sum + holes.reduce((a, b) => a - b, outer), 0) / 1e4;
  };

  const show = () => {
    const { closed, at } = JSON.parse(now);
    const n = at.length ? flat(at).length : 0;
    const nested = closed ? at : [at];
    const size = n > 2 ? hectares(nested) : 0;
    const digits = { maximumFractionDigits: size < 100 ? 2 : 0 };
    const words = [spec.words.points.replace('{n}', n)];
    if (n > 2) words.push(spec.words.area.replace('{n}', size.toLocaleString(undefined, digits)));
    tools.facts.textContent = words.join(' · ');
    tools.finish.hidden = closed;
    tools.finish.disabled = n < 3;
    tools.undo.disabled = !past.length;
    tools.redo.disabled = !future.length;
    tools.delete.hidden = !closed;
    tools.delete.setAttribute('aria-pressed', String(deleting));
    tools.clear.disabled = !n;
    map.getContainer().classList.toggle('gv-deleting', deleting && closed);
  };

  const furnish = () => {
    const bar = L.DomUtil.create('div', 'gv-tools leaflet-control', map._controlCorners.topleft);
    L.DomEvent.disableClickPropagation(bar);
    tools = { bar };
    const button = (name, act) => {
      tools[name] = make('button', `gv-tool gv-tool-${name}`);
      tools[name].type = 'button';
      tools[name].addEventListener('click', act);
      bar.append(tools[name]);
    };
    button('finish', () => {
      const { at } = JSON.parse(now);
      past.push(now);
      future = [];
      put(JSON.stringify({ closed: true, at: [at] }));
      sessionStorage.setItem(place(), now);
      tell();
    });
    button('undo', () => back(past, future));
    button('redo', () => back(future, past));
    button('delete', () => {
      deleting = !deleting;
      if (layer) edit();
      show();
    });
    button('clear', () => {
      past.push(now);
      future = [];
      put(JSON.stringify({ closed: false, at: [] }));
      sessionStorage.setItem(place(), now);
      tell();
    });
    tools.facts = make('span', 'gv-facts');
    tools.facts.setAttribute('role', 'status');
    bar.append(tools.facts);
  };

  const word = () => {
    for (const name of ['finish', 'undo', 'redo', 'delete', 'clear'])
      tools[name].textContent = spec.words[name];
  };

  const lay = () => {
    const wanted = spec.picture;
    if (picture && (!wanted || picture._url !== wanted.url)) {
      picture.remove();
      picture = null;
    }
    if (!wanted) return;
    if (!picture) {
      const options = { pane: 'picture', alt: '', pmIgnore: true };
      picture = L.imageOverlay(wanted.url, wanted.bounds, options).addTo(map);
    }
    picture.setOpacity(spec.opacity);
  };

  // The area's own shape gives way to the drawing; nobody snaps to a border that goes.
  const giveWay = () => {
    group.eachLayer((one) => {
      if (!one.feature || !one.setStyle) return;
      const own = one.feature.id === spec.target;
      one.options.snapIgnore = own;
      if (own) one.setStyle({ opacity: 0, fillOpacity: 0 });
    });
  };

  const prepare = (url) => {
    map = window.map;
    group = gv.shapes(url);
    group.unbindTooltip();
    Object.assign(map.createPane('picture').style, { zIndex: 160 });
    map.getPane('picture').classList.add('gv-deaf');
    map.on('pm:drawstart', (e) => {
      working = e.workingLayer;
      working.on('pm:vertexadded', note);
    });
    map.on('pm:create', (e) => {
      take(e.layer);
      note();
    });
    map.on('click', (e) => {
      if (!quiet && spec.picking && e.originalEvent)
        told(String(spec.picking), 'pin', { type: 'Point', coordinates: [e.latlng.lng, e.latlng.lat] });
    });
    furnish();
  };

  gv.draw = async (url, next) => {
    const first = !map;
    if (first) prepare(url);
    const token = first ? '' : spec.token;
    spec = next;
    word();
    lay();
    gv.pins(spec.pins);
    await gv.painted(url);
    if (spec !== next) return;
    giveWay();
    if (token !== spec.token) {
      past = [];
      future = [];
      deleting = false;
      const kept = sessionStorage.getItem(place());
      const given = spec.geometry && rounded(L.GeoJSON.geometryToLayer(spec.geometry).getLatLngs());
      put(kept || JSON.stringify(given ? { closed: true, at: given } : { closed: false, at: [] }));
      if (kept) tell();
    } else if (map.pm.globalDrawModeEnabled() === Boolean(spec.picking) && !layer) put(now);
    else suspend();
    document.documentElement.dataset.drawing = spec.token;
  };

  let pinned;
  gv.pins = (pins) => {
    if (!pinned) pinned = L.layerGroup().addTo(window.map);
    pinned.clearLayers();
    for (const { n, x, y } of pins) {
      const icon = L.divIcon({ html: make('b', 'gv-pin', n), iconSize: [0, 0], className: 'gv-mark' });
      const options = { icon, interactive: false, keyboard: false, pmIgnore: true };
      L.marker([y, x], options).addTo(pinned);
    }
  };

  gv.sheet = (url, [width, height]) => {
    const box = [[0, 0], [height, width]];
    const sheet = L.imageOverlay(url, box, { alt: '' });
    sheet.on('add', () => {
      const onMap = sheet._map;
      // No corner of the picture lies below the zoom buttons: known points are often there.
      const room = { animate: false, paddingTopLeft: [8, 8], paddingBottomRight: [50, 8] };
      const fit = () => onMap.invalidateSize() && onMap.fitBounds(box, room);
      onMap.setMaxBounds(L.latLngBounds(box).pad(0.5));
      new ResizeObserver(fit).observe(onMap.getContainer());
      sheet.once('load', () => {
        fit();
        document.documentElement.dataset.sheet = 'shown';
      });
    });
    return sheet;
  };
})();
