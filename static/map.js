/*
 * The street's map in the browser: draws the shapes of one GeoJSON and restyles them as told.
 * It never calls the server except for that GeoJSON and the ground picture; data becomes text
 * through textContent only. What the messages hold: lib/visuals/maps.py.
 */
(() => {
  'use strict';
  const gv = (window.gv = window.gv || {});
  const BLANK = { lang: 'zh', points: [], tooltip: [], badges: { counts: {} }, classes: [] };
  const NAMES_FROM_ZOOM = 16; // names of points; below it they would be a heap
  const MOST_LABELS = 250;
  const sources = new Map(); // url -> source
  let map, sheet, cloud, edges, backs, marks, picked, hover, names, legend, credit, ground, shown;
  let spec = BLANK; // as last received
  let painted = BLANK; // as last drawn
  let latest = 0;
  let fitted = '';
  let touched = false;

  const make = (tag, className, text) => {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined) node.textContent = text;
    return node;
  };
  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  const name = (f) => (spec.lang === 'en' && f.properties.name_en) || f.properties.name_zh || '';
  const short = (f) => f.properties[`short_${spec.lang}`] || name(f);
  const once = (get) => {
    let found;
    return () => (found === undefined ? (found = get()) : found);
  };
  const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

  const unpack = (packed) => {
    const { readable, writable } = new DecompressionStream('deflate');
    const writer = writable.getWriter();
    writer.write(Uint8Array.from(atob(packed), (c) => c.charCodeAt(0)));
    writer.close();
    return new Response(readable).json();
  };

  // The figures of a column: as a text one character each, ' ' for unknown, '!' for 0, …
  const read = (column) =>
    typeof column === 'string'
      ? Array.from(column, (c) => (c === ' ' ? null : c.codePointAt(0) - 33))
      : column;

  gv.unfold = (message) => {
    const columns = message.columns.map(read);
    const { column, limits } = message.measure;
    const rank = (v) => (v === null ? '-' : v < 0 ? '1' : String(limits.filter((limit) => v >= limit).length));
    const lines = [...message.tooltip, ...(message.labels?.second ? [message.labels.second] : [])];
    for (const line of lines) line.values = columns[line.column];
    return Object.assign(message, { classes: columns[column].map(rank) });
  };

  const say = (line, i) => {
    const value = line.values[i] ?? null;
    if (value === null) return null;
    if (value < 0) return line.text.replace('{n}', () => spec.words.few);
    const digits = { minimumFractionDigits: line.decimals, maximumFractionDigits: line.decimals };
    const figure = value.toLocaleString(spec.lang === 'en' ? 'en' : 'zh-CN', digits) + line.suffix;
    return line.text.replace('{n}', () => figure);
  };

  // Focus that scrolls the page would move another shape under the pointer before the click.
  L.Map.Keyboard.include({
    _onMouseDown() {
      if (!this._focused) this._map.getContainer().focus({ preventScroll: true });
    },
  });

  // One canvas takes all clicks: an upper canvas would swallow those of a lower one. Points are
  // painted on a second, deaf canvas, because the first is blended with the ground.
  const Sheet = L.Canvas.extend({
    groups: [],
    _initContainer() {
      L.Canvas.prototype._initContainer.call(this);
      this._top = L.DomUtil.create('canvas', 'leaflet-zoom-animated', this._map.getPane('points'));
    },
    _updateTransform(center, zoom) {
      L.Canvas.prototype._updateTransform.call(this, center, zoom);
      this._top.style.transform = this._container.style.transform;
    },
    _redraw() {
      const all = !this._redrawBounds;
      L.Canvas.prototype._redraw.call(this);
      if (all) this.drawPoints(); // the view moved; else only areas changed
    },
    radius() {
      return Math.min(6, Math.max(2.5, 1.5 * (this._map.getZoom() - 12.5)));
    },
    drawPoints() {
      const ratio = L.Browser.retina ? 2 : 1;
      const { min, max } = this._bounds;
      const ctx = this._top.getContext('2d');
      this._top.style.cssText = this._container.style.cssText;
      this._top.width = this._container.width; // clears it too
      this._top.height = this._container.height;
      ctx.setTransform(ratio, 0, 0, ratio, -min.x * ratio, -min.y * ratio);
      if (!spec.tokens) return;
      const seen = (p) => p.x > min.x && p.x < max.x && p.y > min.y && p.y < max.y;
      for (const { shape, points } of this.groups) {
        const colour = shape === 'dot' ? spec.tokens.brand : spec.tokens.ink;
        const inView = points.filter(seen);
        const chosen = inView.filter((p) => `${p.f.properties.kind} ${p.f.id}` === spec.selected_point);
        this._points(ctx, inView, shape, this.radius(), colour, spec.tokens.halo);
        this._points(ctx, chosen, shape, this.radius() + 3, colour, spec.tokens.brand);
      }
    },
    // A fill for each point: one path of them all takes the rasteriser three times as long.
    _points(ctx, points, shape, r, fill, halo) {
      for (const [colour, size] of [[halo, r + 2], [fill, r]]) {
        ctx.fillStyle = colour;
        for (const { x, y } of points)
          if (shape === 'square') ctx.fillRect(x - size, y - size, 2 * size, 2 * size);
          else {
            ctx.beginPath();
            ctx.arc(x, y, size, 0, 2 * Math.PI);
            ctx.fill();
          }
      }
    },
    _handleMouseHover(e, at) {
      const { hit } = cloud || {};
      L.Canvas.prototype._handleMouseHover.call(this, e, at);
      if (!cloud || this._hoveredLayer !== cloud || !hit || cloud.hit === hit) return;
      this._handleMouseOut(e); // from one point straight to the next
      L.Canvas.prototype._handleMouseHover.call(this, e, at);
    },
  });

  // All points as one layer of Leaflet's: thousands of markers would cost seconds. It stands for
  // whichever of its points is under the pointer.
  const Cloud = L.Path.extend({
    initialize(points) {
      L.setOptions(this, { renderer: sheet, interactive: true });
      this.points = points;
      this.hit = null;
    },
    _project() {
      const scale = 2 ** this._map.getZoom();
      const { x, y } = this._map.getPixelOrigin();
      for (const p of this.points) {
        p.x = p.world.x * scale - x;
        p.y = p.world.y * scale - y;
      }
    },
    _update() {},
    _updatePath() {},
    _containsPoint(at) {
      const reach = sheet.radius() + 3;
      this.hit = null;
      for (const group of sheet.groups)
        for (const p of group.points)
          if (Math.abs(p.x - at.x) < reach && Math.abs(p.y - at.y) < reach) this.hit = p;
      this.feature = this.hit ? this.hit.f : undefined;
      return this.hit !== null;
    },
  });

  const pane = (id, z) => {
    Object.assign(map.createPane(id).style, { zIndex: z });
    map.getPane(id).classList.add('gv-deaf');
  };

  const prepare = (onMap) => {
    map = onMap;
    [['ground', 150], ['backs', 155], ['edges', 450], ['points', 460], ['labels', 500]].forEach((p) => pane(...p));
    sheet = new Sheet().addTo(map);
    edges = L.canvas({ pane: 'edges' }).addTo(map);
    marks = L.layerGroup().addTo(map);
    const box = map.getContainer();
    legend = L.DomUtil.create('div', 'gv-legend leaflet-control', map._controlCorners.bottomleft);
    L.DomEvent.disableClickPropagation(legend);
    credit = L.DomUtil.create('div', 'gv-credit', map._controlCorners.bottomright);
    for (const act of ['mousedown', 'wheel', 'touchstart', 'keydown'])
      box.addEventListener(act, () => (touched = true), { capture: true, passive: true });
    map.on('moveend', label);
    map.on('resize', () => touched || fit(false));
    // The page sizes the frame after the map is made, and tells nobody inside it.
    new ResizeObserver(() => map.invalidateSize()).observe(box);
  };

  const Shapes = L.GeoJSON.extend({
    onAdd(onMap) {
      if (!map) prepare(onMap);
      shown = this.source;
      L.GeoJSON.prototype.onAdd.call(this, onMap);
    },
  });

  gv.shapes = (url) => {
    if (sources.has(url)) return sources.get(url).group;
    const s = { url, areas: [], byId: new Map(), borders: new Map(), points: [], drawn: false };
    s.ready = new Promise((done) => (s.done = done));
    s.group = new Shapes(null);
    s.group.source = s;
    s.group.bindTooltip((layer) => tooltip(s, layer), { sticky: true, className: 'gv-tip' });
    s.group.on('mouseover', (e) => outline(e.layer)).on('mouseout', () => outline(null));
    s.data = fetch(url, { credentials: 'same-origin' }).then((answer) => {
      if (!answer.ok) throw new Error(`${answer.status} ${url}`);
      return answer.json();
    });
    sources.set(url, s);
    return s.group;
  };

  // A click sends the id and the moment alone: the moment tells a new click from an old one. A
  // point that opens nothing of its own, such as a building, stands for the area it lies in.
  const clickable = (layer) => {
    layer.toGeoJSON = () => {
      const { id, properties } = layer.feature;
      const own = ['area', 'unit'].includes(properties.kind);
      return {
        type: 'Feature',
        id: own ? id : properties.parent,
        properties: { kind: own ? properties.kind : 'area', at: Date.now() },
        geometry: null,
      };
    };
    return layer;
  };

  const draw = (s, data) => {
    s.drawn = true;
    for (const f of data.features) {
      const kind = f.properties.kind;
      const entry = { f, index: s.areas.length, layer: null };
      if (kind === 'area') s.areas.push(entry);
      if (kind === 'area' || kind === 'border') s.byId.has(f.id) || s.byId.set(f.id, f);
      if (!f.geometry) continue;
      if (kind === 'border') {
        const latlngs = L.GeoJSON.geometryToLayer(f).getLatLngs();
        s.borders.set(f.id, { f, latlngs, closed: f.geometry.type.endsWith('Polygon') });
        continue;
      }
      if (kind === 'area') {
        entry.style = style(s, entry);
        const options = { ...entry.style, renderer: sheet, smoothFactor: 0.5, lineJoin: 'round' };
        entry.layer = clickable(L.GeoJSON.geometryToLayer(f, options));
        Object.assign(entry.layer, { feature: f, index: entry.index });
        s.group.addLayer(entry.layer);
      } else {
        const [lon, lat] = f.geometry.coordinates;
        const latlng = L.latLng(lat, lon);
        s.points.push({ f, latlng, world: map.options.crs.latLngToPoint(latlng, 0) });
      }
    }
    s.cloud = clickable(new Cloud(s.points));
    s.group.addLayer(s.cloud);
  };

  const inside = (s, f) => {
    for (let at = f, depth = 0; at && depth < 9; at = s.byId.get(at.properties.parent), depth++)
      if (at.id === spec.focus || at.properties.parent === spec.focus) return true;
    return false;
  };

  let hatch;
  const hatching = () => {
    const tile = Object.assign(make('canvas'), { width: 8, height: 8 });
    const ctx = tile.getContext('2d');
    Object.assign(ctx, { strokeStyle: spec.tokens.ink3, lineWidth: 1.2 });
    for (const x of [-8, 0, 8]) {
      ctx.moveTo(x, 8);
      ctx.lineTo(x + 8, 0);
    }
    ctx.stroke();
    return ctx.createPattern(tile, 'repeat');
  };

  let styles = new Map(); // of the current spec: class and dimming -> options of the path
  const style = (s, { f, index }) => {
    const known = spec.classes[index] || '-';
    const dimmed = spec.focus !== null && !inside(s, f);
    const key = known + dimmed;
    if (!styles.has(key)) {
      const dark = spec.theme === 'dark';
      const full = known === '0' ? 0 : spec.focus !== null ? 0.6 : dark ? 0.78 : 0.92;
      styles.set(key, {
        fillColor: known === '-' ? (hatch = hatch || hatching()) : spec.ramp[known - 1] || '#fff',
        fillOpacity: (known === '-' ? 0.55 : full) * (dimmed ? 0.35 : 1),
        color: spec.tokens.grid_edge,
        weight: dark ? 1 : 0.7,
        opacity: dark ? 0.9 : 0.35,
      });
    }
    return styles.get(key);
  };

  const colour = (s) => {
    for (const entry of s.areas) {
      const next = style(s, entry);
      const last = entry.style;
      if (!entry.layer || last === next) continue;
      entry.style = next;
      if (Object.keys(next).some((k) => next[k] !== last[k])) entry.layer.setStyle(next);
    }
  };

  const line = (latlngs, color, weight, opacity, closed = true) =>
    (closed ? L.polygon : L.polyline)(latlngs, {
      renderer: edges, interactive: false, fill: false, smoothFactor: 0.5, color, weight, opacity,
    });

  const mark = (s) => {
    marks.clearLayers();
    hover = null;
    picked = [];
    const t = spec.tokens;
    const thin = (b) => b.f.properties.level === 'community';
    const frame = (b) => b.f.properties.level === 'frame';
    const all = [...s.borders.values()].filter((b) => !frame(b)).sort((a, b) => thin(b) - thin(a));
    for (const b of s.borders.values())
      if (frame(b)) {
        // Tiles lie on paper, not on the streets of the ground picture.
        backs = backs || L.canvas({ pane: 'backs' }).addTo(map);
        const back = { renderer: backs, interactive: false, stroke: false, fillOpacity: 1 };
        L.polygon(b.latlngs, { ...back, fillColor: t.bg, pmIgnore: true }).addTo(marks);
        line(b.latlngs, t.line, 1.5, 1).addTo(marks);
      }
    for (const b of all) line(b.latlngs, t.halo, thin(b) ? 4.2 : 5, 0.85, b.closed).addTo(marks);
    for (const b of all) {
      if (thin(b)) line(b.latlngs, t.community_edge, 1.5, 0.8, b.closed).addTo(marks);
      else line(b.latlngs, t.street_edge, 2.6, 0.85, b.closed).addTo(marks);
    }
    const area = s.areas.find((a) => a.f.id === spec.selected && a.layer);
    const border = s.borders.get(spec.selected);
    const chosen = area ? area.layer.getLatLngs() : border && border.latlngs;
    if (!chosen) return;
    picked = [line(chosen, '#fff', 8, 1).addTo(marks), line(chosen, t.brand, 3.6, 1).addTo(marks)];
  };

  const outline = (layer) => {
    if (hover) hover.remove();
    hover = null;
    if (!layer || layer instanceof Cloud || layer.feature.id === spec.selected) return;
    hover = line(layer.getLatLngs(), spec.tokens.ink, 2.5, 1).addTo(marks);
    picked.forEach((l) => l.bringToFront());
  };

  const filter = (s) => {
    const rules = spec.points.map((p) => ({
      ...p,
      categories: p.categories && new Set(p.categories),
      ids: p.ids && new Set(p.ids),
      points: [],
    }));
    const byKind = new Map(rules.map((rule) => [rule.kind, rule]));
    for (const point of s.points) {
      const { id, properties } = point.f;
      const rule = byKind.get(properties.kind);
      if (!rule || (rule.categories && !rule.categories.has(properties.category))) continue;
      if (!rule.ids || rule.ids.has(id)) rule.points.push(point);
    }
    cloud = s.cloud;
    sheet.groups = rules;
    sheet.drawPoints();
  };

  const tooltip = (s, layer) => {
    const box = make('div');
    const f = layer.feature;
    if (!f) return box;
    box.append(make('b', '', name(f)));
    const above = s.byId.get(f.properties.parent);
    if (above) box.append(make('i', '', name(above)));
    if (layer instanceof Cloud) {
      const kind = spec.points.find((p) => p.kind === f.properties.kind);
      if (kind) box.append(make('span', '', kind.label));
    } else {
      for (const l of spec.tooltip) {
        const text = say(l, layer.index);
        box.append(make('span', '', text === null ? l.text.replace('{n}', spec.words.no_data) : text));
      }
    }
    return box;
  };

  // Names and badges of what is in view. Badges come first; two that would cover each other
  // become one with their sum. A name moves aside (from points only if it can) or stays away, and
  // is not written on a shape much smaller than itself.
  const ruler = make('canvas').getContext('2d');
  const family = once(() => getComputedStyle(document.body).fontFamily);
  const widths = new Map();
  const width = (text, className) => {
    const size = className === 'gv-unit' || className === 'second' ? 12.5 : 14;
    const key = size + text;
    if (!widths.has(key)) {
      ruler.font = `600 ${size}px ${family()}`;
      widths.set(key, ruler.measureText(text).width);
    }
    return widths.get(key) * (spec.lang === 'zh' && size === 14 ? 1.12 : 1) + 10;
  };
  const at = (f, bounds) => {
    const own = f.properties.at;
    return own ? L.latLng(own[1], own[0]) : bounds().getCenter();
  };

  const label = () => {
    if (!names) names = L.layerGroup().addTo(map);
    names.clearLayers();
    const s = shown;
    if (!s || !s.drawn || !spec.tokens) return;
    const view = map.getSize();
    const near = map.getZoom() >= NAMES_FROM_ZOOM;
    let count = 0;
    const over = (list, b) =>
      list.find((o) => o.x0 < b.x1 && b.x0 < o.x1 && o.y0 < b.y1 && b.y0 < o.y1);
    const box = (x, y, w, h) => ({ x0: x - w / 2, x1: x + w / 2, y0: y - h / 2, y1: y + h / 2 });
    const seen = (p) => p.x > -40 && p.y > -20 && p.x < view.x + 40 && p.y < view.y + 20;
    const own = map.getContainer().getBoundingClientRect();
    const taken = [...map.getContainer().querySelectorAll('.leaflet-control')].map((control) => {
      const { left, right, top, bottom } = control.getBoundingClientRect();
      return { x0: left - own.left, x1: right - own.left, y0: top - own.top, y1: bottom - own.top };
    });
    const dots = [];
    for (const group of near ? sheet.groups : [])
      for (const { latlng } of group.points) {
        const p = map.latLngToContainerPoint(latlng);
        if (seen(p)) dots.push(box(p.x, p.y, 18, 18));
      }
    const put = (latlng, node, dx = 0, dy = 0) => {
      node.style.translate = `${dx}px ${dy}px`;
      const icon = L.divIcon({ html: node, iconSize: [0, 0], className: 'gv-mark' });
      L.marker(latlng, { icon, pane: 'labels', interactive: false, keyboard: false }).addTo(names);
      count += 1;
    };
    const write = (latlng, className, texts, moves) => {
      const p = map.latLngToContainerPoint(latlng);
      if (!seen(p) || count > MOST_LABELS) return;
      const w = Math.max(...texts.map((t, i) => width(t, i ? 'second' : className)));
      const h = 20 * texts.length;
      const spots = moves.map(([mx, my]) => {
        const dx = mx * (w / 2 + 12);
        const dy = my * (h / 2 + 12);
        return Object.assign(box(p.x + dx, p.y + dy, w, h), { dx, dy });
      });
      const open = spots.filter((b) => !over(taken, b));
      const forced = className === 'gv-chosen' ? spots[1] : undefined;
      const b = open.find((spot) => !over(dots, spot)) || open[0] || forced;
      if (b) {
        taken.push(b);
        const node = make('div', `gv-label ${className}`);
        texts.forEach((t, i) => node.append(make(i ? 'i' : 'b', '', t)));
        put(latlng, node, b.dx, b.dy);
      }
    };
    const room = (bounds, text, part) => {
      const a = map.latLngToContainerPoint(bounds.getNorthWest());
      const b = map.latLngToContainerPoint(bounds.getSouthEast());
      return b.x - a.x >= part * width(text) && b.y - a.y >= 22;
    };
    const round = [[0, 0], [0, -1], [0, 1], [1, 0], [-1, 0], [1, -1], [-1, -1], [1, 1], [-1, 1]];

    const badges = [];
    for (const { f, layer } of s.areas) {
      const n = layer && spec.badges.counts[f.id];
      if (!n) continue;
      const latlng = at(f, () => layer.getBounds());
      const p = map.latLngToContainerPoint(latlng);
      if (!seen(p)) continue;
      const b = box(p.x, p.y, 26, 26);
      const other = over(badges, b);
      if (other) other.n += n;
      else badges.push(Object.assign(b, { n, latlng }));
    }
    taken.push(...badges);
    for (const b of badges) put(b.latlng, make('div', 'gv-badge', b.n));

    const wanted = spec.labels;
    if (wanted && wanted.on === 'area') {
      const order = [...s.areas].sort((a, b) => (b.f.id === spec.selected) - (a.f.id === spec.selected));
      for (const { f, layer, index } of order) {
        const chosen = f.id === spec.selected;
        if (!layer || (spec.focus !== null && !inside(s, f))) continue;
        if (!chosen && !room(layer.getBounds(), short(f), 0.8)) continue;
        const second = wanted.second && say(wanted.second, index);
        const texts = second ? [short(f), second] : [short(f)];
        write(at(f, () => layer.getBounds()), chosen ? 'gv-chosen' : '', texts, round);
      }
    }
    if (wanted)
      for (const { f, latlngs } of s.borders.values()) {
        const frame = f.properties.level === 'frame';
        if (f.properties.level !== wanted.level && !frame) continue;
        if (wanted.on === 'area' && !(frame && wanted.heads) && (spec.focus === null || f.id === spec.focus)) continue;
        const far = spec.focus !== null && f.id !== spec.focus;
        const bounds = L.latLngBounds(latlngs.flat(2));
        if (room(bounds, name(f), 0.6)) write(at(f, () => bounds), far ? 'gv-far' : '', [name(f)], round);
      }
    for (const group of sheet.groups.filter((g) => near && g.named))
      for (const { f, latlng } of group.points)
        write(latlng, 'gv-unit', [name(f)], [[1, 0], [-1, 0]]);
  };

  const explain = () => {
    const { title, ranges } = spec.legend;
    legend.hidden = !title;
    const row = make('div', 'gv-row');
    const swatch = (text, background) => {
      const item = make('span', 'gv-class');
      item.append(make('i'), text);
      if (background) item.firstChild.style.background = background;
      row.append(item);
      return item;
    };
    const key = (className, text, figure = '') => {
      const item = make('span', 'gv-key');
      item.append(make('b', className, figure), text);
      row.append(item);
    };
    for (const [k, text] of ranges) swatch(text, k && spec.ramp[k - 1]);
    if (spec.classes.includes('-')) swatch(spec.words.no_data).classList.add('gv-none');
    const counts = Object.values(spec.badges.counts);
    if (counts.length && spec.badges.label) key('gv-badge', spec.badges.label, counts[0]);
    for (const p of spec.points) key(`gv-${p.shape}`, p.label);
    legend.replaceChildren(make('div', 'gv-title', title), row);
  };

  const furnish = () => {
    explain();
    if (['tokens', 'lang', 'words', 'source', 'badges'].every((k) => same(painted[k], spec[k]))) return;
    const root = document.documentElement;
    for (const [key, value] of Object.entries(spec.tokens))
      root.style.setProperty(`--${key.replace(/_/g, '-')}`, value);
    root.style.setProperty('--badge', spec.badges.colour);
    root.dataset.theme = spec.theme;
    root.lang = spec.lang === 'en' ? 'en' : 'zh-CN';
    const box = map.getContainer();
    box.setAttribute('aria-label', spec.words.label);
    for (const way of ['in', 'out']) {
      const button = box.querySelector(`.leaflet-control-zoom-${way}`);
      button.title = spec.words[`zoom_${way}`];
      button.setAttribute('aria-label', button.title);
    }
    credit.textContent = spec.source;
  };

  const lay = () => {
    if (ground && spec.ground && ground._url === spec.ground.url) return;
    const old = ground;
    ground = null;
    if (spec.ground) {
      const options = { pane: 'ground', alt: '', pmIgnore: true };
      ground = L.imageOverlay(spec.ground.url, spec.ground.bounds, options).addTo(map);
      ground.once('load error', () => old && old.remove());
    } else if (old) old.remove();
  };

  const fit = (animate) => {
    if (!spec.fit) return;
    touched = false;
    map.stop(); // a pan back into the bounds, begun while the size was wrong
    const foot = Math.min(legend.offsetHeight + 24, map.getSize().y / 4);
    map.fitBounds(spec.fit, {
      animate: animate && !still(),
      paddingTopLeft: [14, 14],
      paddingBottomRight: [14, foot],
    });
  };

  // Resolves once the shapes under `url` are painted for the first time.
  gv.painted = (url) => gv.shapes(url).source.ready;

  gv.paint = async (url, packed) => {
    const turn = ++latest;
    const next = gv.unfold(await unpack(packed));
    if (turn !== latest) return;
    const swap = shown.url !== url;
    spec = next;
    styles = new Map();
    if (painted.theme !== spec.theme) hatch = null;
    lay();
    furnish();
    const view = JSON.stringify([spec.fit, spec.fit_token]);
    if (view !== fitted) fit(fitted !== '');
    fitted = view;
    if (swap) {
      shown.group.remove();
      gv.shapes(url).addTo(map);
    }
    const s = shown;
    const data = await s.data;
    if (turn !== latest) return;
    const fresh = !s.drawn || swap;
    if (!s.drawn) draw(s, data);
    const changed = (...keys) => fresh || keys.some((key) => !same(painted[key], spec[key]));
    colour(s);
    if (changed('theme', 'selected')) mark(s);
    if (changed('theme', 'selected_point', 'points')) filter(s);
    const near = map.getZoom() >= NAMES_FROM_ZOOM;
    if (changed('lang', 'labels', 'badges', 'selected', 'focus') || (near && changed('points')))
      label();
    painted = spec;
    s.done();
    document.documentElement.dataset.painted = String(turn);
  };
})();
