"use strict";
// Figures, drawn by plotly.js: maps, series over time, and estimates with their intervals.
const Figures = (() => {
  const { DATA, text } = State;
  const INK = "#262626";
  const BLANK = "#f0f0f0";
  const PALE = "#ffffff";
  const FONT = { family: '"DejaVu Sans", "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif', size: 12, color: INK };
  const OPTIONS = { displayModeBar: false, responsive: true, doubleClick: false, showAxisDragHandles: false };
  const NO_DATA = { fillcolor: BLANK, fillpattern: { shape: "/", fgcolor: "#969696", bgcolor: BLANK, size: 5, solidity: 0.25 } };
  const ZERO = { shape: ".", fgcolor: INK, size: 7, solidity: 0.1 };
  const WIDTH = 1200;
  const HEAD = 44;
  const EDGE = 12;
  const LINE = 17;
  const SCALE = 2;
  const MANY = 300;
  const BINS = 100;
  const TAIL = 0.025;

  // plotly reads a few tags in texts; those of names are printed as they are.
  function plain(value) {
    return String(value).replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
  }

  function path(rings) {
    const line = { x: [], y: [] };
    rings.forEach(([x, y], i) => {
      if (i) { line.x.push(null); line.y.push(null); }
      line.x.push(...x);
      line.y.push(...y);
    });
    return line;
  }

  function shared(extra) {
    return {
      font: FONT, paper_bgcolor: "#fff", plot_bgcolor: "#fff", dragmode: false, hovermode: "closest",
      hoverlabel: { bgcolor: "#fff", font: FONT }, autosize: true, ...extra,
    };
  }

  function filled(style) {
    if (!style) return NO_DATA;
    return { fillcolor: style.colour, fillpattern: style.pattern ? { ...style.pattern, bgcolor: style.colour } : { shape: "" } };
  }

  function isPale(style) {
    return !style || style.colour === PALE;
  }

  // A map: style and text by unit, entries of the legend, and the unit that is marked.
  function map({ title, styles, texts, entries, marked, legend }) {
    const ground = DATA.map;
    if (!ground) return null;
    const [east, north] = ground.size;
    const outline = { type: "scatter", mode: "lines", hoverinfo: "skip", showlegend: false };
    const units = Object.entries(ground.units).map(([unit, rings]) => ({
      ...path(rings), ...filled(styles[unit]), type: "scatter", mode: "lines", fill: "toself", hoveron: "fills",
      line: { color: isPale(styles[unit]) ? "#bfbfbf" : "#fff", width: 0.6 }, text: plain(texts[unit] || `${State.unit(unit)}: ${text("map.no_data")}`),
      hoverinfo: "text", showlegend: false, customdata: [unit], meta: unit,
    }));
    const keys = [...entries, { label: text("map.no_data"), style: null }].map(({ label, style }) => ({
      x: [0, 0, 0], y: [0, 0, 0], ...filled(style), type: "scatter", mode: "lines", fill: "toself",
      line: { color: "#8c8c8c", width: 0.5 }, name: plain(label), hoverinfo: "skip",
    }));
    const lines = { ...path(ground.lines), ...outline, line: { color: "#595959", width: 0.8 } };
    const mark = marked && ground.units[marked]
      ? [{ ...path(ground.units[marked]), ...outline, line: { color: "#d55e00", width: 2.5 } }] : [];
    const axis = { visible: false, fixedrange: true };
    return {
      data: [...units, ...keys, lines, ...mark],
      layout: shared({
        xaxis: { ...axis, range: [0, east] },
        yaxis: { ...axis, range: [0, north], scaleanchor: "x" },
        showlegend: false,
        legend: { x: 0, y: 0, yanchor: "bottom", title: { text: plain(legend) }, itemclick: false, itemdoubleclick: false },
        margin: { l: 0, r: 0, t: 0, b: 0 },
        shapes: furniture(ground),
        annotations: words(ground),
      }),
      title,
      kind: "map",
      ratio: north / east,
      room: 0,
      key: { title: legend, entries: [...entries, { label: text("map.no_data"), style: null }] },
    };
  }

  function furniture(ground) {
    const [left, height, length] = ground.scale_bar;
    const line = { color: INK, width: 1 };
    const bar = { type: "line", x0: left, x1: left + length, y0: height, y1: height, line: { ...line, width: 2 } };
    const [[x, foot], [, head]] = ground.north_arrow;
    const wing = (head - foot) * 0.3;
    const arrow = {
      type: "path", fillcolor: INK, line,
      path: `M${x - wing},${foot} L${x},${head} L${x + wing},${foot} L${x},${foot + (head - foot) * 0.25} Z`,
    };
    if (!ground.inset) return [bar, arrow];
    const [west, south, east, north] = ground.inset;
    return [bar, arrow, { type: "rect", x0: west, y0: south, x1: east, y1: north, line }];
  }

  function words(ground) {
    const [left, height, length] = ground.scale_bar;
    const [, [x, head]] = ground.north_arrow;
    const small = { showarrow: false, font: { ...FONT, size: 10 }, yanchor: "bottom" };
    const found = [
      { ...small, x: left + length / 2, y: height, text: text("map.km", { number: Numbers.number(ground.scale_km, 0) }) },
      { ...small, x, y: head, text: text("map.north") },
    ];
    if (!ground.inset) return found;
    const [, south, east] = ground.inset;
    return [...found, { ...small, x: east, y: south, xanchor: "right", font: { ...FONT, size: 8 }, text: text("map.inset").replace("\n", "<br>") }];
  }

  // Series over time; the first is emphasised.
  function series({ title, x, lines, axis }) {
    const palette = DATA.palette.categorical;
    return {
      data: lines.map(({ name, values }, i) => ({
        type: "scatter", mode: "lines+markers", x, y: values, name: plain(name),
        line: { color: palette[i], width: i ? 1.5 : 3, dash: ["solid", "dash", "dot"][i] },
        marker: { symbol: ["circle", "square", "diamond"][i], size: 7 },
      })),
      layout: shared({
        xaxis: { fixedrange: true, dtick: x.length > 12 ? null : 1 },
        yaxis: { fixedrange: true, title: { text: plain(axis) }, automargin: true, zeroline: false },
        legend: { orientation: "h", y: -0.12, yanchor: "top", itemclick: false, itemdoubleclick: false },
        margin: { l: 50, r: 10, t: 10, b: 30 }, hovermode: "x unified",
      }),
      title, ratio: 0.4, room: 110,
    };
  }

  // One trace per kind of interval: those that hold zero look and are called different.
  function points(list, told) {
    const kinds = [
      { zero: false, name: text("explorer.excludes_zero"), colour: "#0072b2", symbol: "circle" },
      { zero: true, name: text("explorer.holds_zero"), colour: "#8c8c8c", symbol: "circle-open" },
    ];
    return kinds.map((kind) => {
      const chosen = list.filter((p) => p.zero === kind.zero);
      return {
        type: "scatter", mode: "markers", name: kind.name, x: chosen.map((p) => p.place), y: chosen.map((p) => p.estimate),
        error_y: {
          type: "data", symmetric: false, color: kind.colour, thickness: 1.2, width: 0,
          array: chosen.map((p) => p.high - p.estimate), arrayminus: chosen.map((p) => p.estimate - p.low),
        },
        marker: { color: kind.colour, symbol: kind.symbol, size: 7 }, text: chosen.map((p) => plain(told(p))), hoverinfo: "text",
      };
    });
  }

  // Many estimates: their line within the band of their intervals.
  function band(list, told) {
    const x = list.map((p) => p.place);
    const line = { type: "scatter", mode: "lines", x };
    return [
      { ...line, y: list.map((p) => p.low), line: { width: 0 }, hoverinfo: "skip", showlegend: false },
      { ...line, y: list.map((p) => p.high), line: { width: 0 }, fill: "tonexty", fillcolor: "#cfe0ec", hoverinfo: "skip", name: text("explorer.column.interval") },
      { ...line, y: list.map((p) => p.estimate), line: { color: "#0072b2", width: 2 }, text: list.map((p) => plain(told(p))), hoverinfo: "text", name: text("explorer.column.estimate") },
    ];
  }

  function dots(rows) {
    return rows.map((row) => ({
      type: "scatter", mode: "markers", x: row.places, y: row.places.map(() => plain(row.label)), yaxis: "y2",
      marker: { color: INK, size: 5, symbol: "square" }, hoverinfo: "y", showlegend: false,
    }));
  }

  // How often each level occurs around each place.
  function shares(rows, count) {
    const width = count / BINS;
    const z = rows.map((row) => {
      const found = new Array(BINS).fill(0);
      row.places.forEach((place) => { found[Math.min(BINS - 1, Math.floor((place - 1) / width))] += 1 / width; });
      return found.map((share) => Math.min(1, share));
    });
    return [{
      type: "heatmap", z, x: z.length ? z[0].map((_, i) => (i + 0.5) * width) : [], y: rows.map((row) => plain(row.label)), yaxis: "y2", xgap: 0, ygap: 1,
      zmin: 0, zmax: 1, colorscale: [[0, "#ffffff"], [1, INK]], showscale: false, hovertemplate: `%{y}<br>${plain(text("explorer.share"))}: %{z:.2f}<extra></extra>`,
    }];
  }

  // The axis of many estimates: the middle of their intervals' ends, where a few would leave nothing to see.
  function rangeOf(list) {
    const ends = (key) => list.map((p) => p[key]).filter((v) => v !== null).sort((a, b) => a - b);
    const [lows, highs] = [ends("low"), ends("high")];
    if (list.length <= MANY || !lows.length) return null;
    const low = lows[Math.floor(TAIL * (lows.length - 1))];
    const high = highs[Math.ceil((1 - TAIL) * (highs.length - 1))];
    const isWide = highs[highs.length - 1] - lows[0] > 3 * (high - low);
    return isWide ? [low, high] : null;
  }

  // Estimates in ascending order with their intervals, and beneath them what was chosen.
  function curve({ title, axis, points: list, choices, told }) {
    const limit = window.innerWidth < 600 ? 14 : 60;
    const short = (label) => (label.length > limit ? `${label.slice(0, limit)}…` : label);
    const rows = choices.flatMap(({ label, levels }) => levels.map((level) => ({ ...level, label: limit > 14 ? `${label}: ${level.name}` : short(level.name) })));
    const many = list.length > MANY;
    const share = rows.length ? 0.45 : 0;
    return {
      data: [...(many ? band(list, told) : points(list, told)), ...(many ? shares(rows, list.length) : dots(rows))],
      layout: shared({
        xaxis: { fixedrange: true, showticklabels: false, zeroline: false, anchor: rows.length ? "y2" : "y", range: [0, list.length + 1] },
        yaxis: { fixedrange: true, domain: [share ? share + 0.03 : 0, 1], title: { text: plain(axis) }, zeroline: true, zerolinecolor: INK, automargin: true, ...(rangeOf(list) ? { range: rangeOf(list) } : {}) },
        yaxis2: {
          fixedrange: true, domain: [0, share], automargin: true, autorange: "reversed", type: "category", tickfont: { ...FONT, size: 10 },
          categoryorder: "array", categoryarray: rows.map((row) => plain(row.label)), tickmode: "linear",
        },
        legend: { orientation: "h", y: 1.0, yanchor: "bottom", x: 1, xanchor: "right", itemclick: false, itemdoubleclick: false },
        margin: { l: 50, r: 10, t: 30, b: 20 },
      }),
      title, ratio: 0.35, room: 140 + rows.length * 18,
    };
  }

  function heightOf(figure, width) {
    return Math.round(Math.max(280, width * figure.ratio) + figure.room);
  }

  function draw(place, figure, clicked) {
    place.hidden = !figure;
    if (!figure) return Promise.resolve();
    place.classList.toggle("map", figure.kind === "map");
    const layout = { ...figure.layout, height: Math.min(heightOf(figure, place.clientWidth), 1400) };
    return Plotly.react(place, figure.data, layout, OPTIONS).then(() => {
      place.removeAllListeners("plotly_click");
      if (clicked) place.on("plotly_click", (event) => clicked(event.points[0].data.meta));
    });
  }

  // A sentence in lines that fit a width: Latin text breaks between words, Chinese between signs.
  function wrapped(pen, sentence, width) {
    const lines = [""];
    for (const part of sentence.match(/[\u2e80-\uffff]\s*|[^\s\u2e80-\uffff]+\s*/g) || []) {
      const last = lines.length - 1;
      if (pen.measureText(lines[last] + part).width > width) lines.push(part);
      else lines[last] += part;
    }
    return lines;
  }

  function loaded(address) {
    return new Promise((done) => {
      const image = new Image();
      image.onload = () => done(image);
      image.src = address;
    });
  }

  // The figure as a picture, its title above and its notes beneath it.
  async function picture(figure, notes) {
    const height = heightOf(figure, WIDTH);
    const layout = { ...figure.layout, showlegend: true, width: WIDTH, height, autosize: false };
    const image = await loaded(await Plotly.toImage({ data: figure.data, layout }, { format: "png", width: WIDTH, height, scale: SCALE }));
    const canvas = document.createElement("canvas");
    const pen = canvas.getContext("2d");
    const small = `12px ${FONT.family}`;
    pen.font = small;
    const lines = notes.flatMap((note) => wrapped(pen, note, WIDTH - 2 * EDGE));
    canvas.width = WIDTH * SCALE;
    canvas.height = (HEAD + height + lines.length * LINE + 2 * EDGE) * SCALE;
    pen.scale(SCALE, SCALE);
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(image, 0, HEAD, WIDTH, height);
    pen.fillStyle = INK;
    pen.font = `bold 16px ${FONT.family}`;
    pen.fillText(figure.title, EDGE, 28, WIDTH - 2 * EDGE);
    pen.font = small;
    lines.forEach((line, i) => pen.fillText(line, EDGE, HEAD + height + EDGE + (i + 1) * LINE));
    return canvas.toDataURL("image/png");
  }

  return { map, series, curve, rangeOf, draw, picture, ZERO, PALE };
})();
