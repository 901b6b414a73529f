"use strict";
// The views: which controls they have, and what they show.
const Views = (() => {
  const { DATA, text, name, unit, get, oneOf } = State;
  const MODEL = DATA.model || null;
  const PARTS = ["own", "neighbours", "total"];
  const ROWS = 200;
  const kept = new Map();

  function options(list, label) {
    return list.map((value) => ({ value, label: label(value) }));
  }

  function select(key, value, list, label = text(`explorer.control.${key}`)) {
    return { kind: "select", key, value, label, options: list };
  }

  function column(label, cell, raw, left = false) {
    return { label, cell, raw, left };
  }

  const unitColumn = () => ({ ...column(text("explorer.column.unit"), (r) => unit(r.unit), (r) => unit(r.unit), true), isUnit: true });

  const idColumn = () => ({ label: "id", raw: (r) => r.unit, hidden: true });

  function holdsZero(found) {
    return found.low <= 0 && found.high >= 0;
  }

  // A response that is zero whatever the parameters.
  function isNothing(found) {
    return found.estimate === 0 && found.low === 0 && found.high === 0;
  }

  // ----- map and ranking

  function variableOf() {
    const known = DATA.variables.map((v) => v.id);
    return DATA.variables[known.indexOf(oneOf("variable", known, known[0]))];
  }

  function periodOf() {
    return Number(oneOf("year", DATA.periods.map(String), String(DATA.periods[DATA.periods.length - 1])));
  }

  // The classes of the printed map where it has the year, else those of all years.
  function classesOf(variable, period) {
    const { printed, all } = variable.classes;
    const wanted = oneOf("classes", ["printed", "all"], "printed");
    const chosen = wanted === "printed" && printed && printed.periods.includes(period) ? printed : all;
    if (!chosen) return null;
    return { ...chosen, assigned: chosen.assigned[chosen.periods.indexOf(period)] };
  }

  function withUnit(variable) {
    const measure = name(variable.unit);
    return measure ? `${name(variable.label)} (${measure})` : name(variable.label);
  }

  function mapControls() {
    const variable = variableOf();
    const years = options(DATA.periods.map(String), (y) => y);
    return [
      select("variable", variable.id, DATA.variables.map((v) => ({ value: v.id, label: name(v.label) }))),
      select("year", String(periodOf()), years),
      select("classes", oneOf("classes", ["printed", "all"], "printed"), [
        { value: "printed", label: text("explorer.classes.printed") }, { value: "all", label: text("explorer.classes.all") },
      ]),
      select("unit", get("unit", ""), [{ value: "", label: text("explorer.none") }, ...options(DATA.units, unit)]),
    ];
  }

  function mapView() {
    const variable = variableOf();
    const period = periodOf();
    const values = variable.values[DATA.periods.indexOf(period)];
    const classes = classesOf(variable, period);
    const ranks = Numbers.ranks(values);
    const printed = (v) => Numbers.number(v, variable.decimals);
    const label = (i) => (classes && classes.assigned[i] >= 0 ? name(classes.texts)[classes.assigned[i]] : text("map.no_data"));
    const rows = DATA.units.map((id, i) => ({ unit: id, i, value: values[i], rank: ranks[i] }));
    rows.sort((a, b) => (a.rank ?? Infinity) - (b.rank ?? Infinity));
    const styles = {};
    const texts = {};
    DATA.units.forEach((id, i) => {
      const position = classes ? classes.assigned[i] : -1;
      styles[id] = position >= 0 ? { colour: classes.colours[position] } : null;
      texts[id] = `${unit(id)}: ${printed(values[i])}`;
    });
    const count = (position) => classes.assigned.filter((a) => a === position).length;
    const entries = classes ? classes.colours.map((colour, i) => ({ label: `${name(classes.texts)[i]}  (${count(i)})`, style: { colour } })) : [];
    const title = text("explorer.title.year", { title: name(variable.label), year: period });
    const marked = DATA.units.includes(get("unit", "")) ? get("unit", "") : null;
    return {
      figure: Figures.map({ title, styles, texts, entries, marked, legend: withUnit(variable) }),
      caption: [...(classes ? [name(classes.note)] : []), ...mapNotes()],
      title,
      columns: [
        column(text("explorer.column.rank"), (r) => Numbers.rank(r.rank), (r) => r.rank),
        idColumn(), unitColumn(),
        column(withUnit(variable), (r) => printed(r.value), (r) => r.value),
        column(text("explorer.column.class"), (r) => label(r.i), (r) => label(r.i)),
      ],
      rows, marked, beside: true, answer: [], notes: DATA.notes[State.language()].figures, file: `${variable.id}_${period}`,
      profile: marked ? profile(variable, marked) : null,
    };
  }

  function mapNotes() {
    return DATA.map ? [text("map.projection"), ...name(DATA.map.credit)] : [];
  }

  function profile(variable, id) {
    const place = DATA.units.indexOf(id);
    const mean = (row) => {
      const known = row.filter((v) => v !== null);
      return known.length ? known.reduce((sum, v) => sum + v, 0) / known.length : null;
    };
    const title = text("explorer.profile", { unit: unit(id), title: name(variable.label) });
    const rows = DATA.weights.map((weights) => {
      const linked = weights.rows[place].map((w, j) => [w, j]).filter(([w]) => w !== 0).sort((a, b) => b[0] - a[0]);
      return { label: name(weights.label), linked };
    });
    const shown = (linked) => State.joined(linked.slice(0, 8).map(([w, j]) => `${unit(DATA.units[j])} ${Numbers.number(w, DATA.decimals)}`));
    return {
      figure: Figures.series({
        title, x: DATA.periods, axis: withUnit(variable),
        lines: [
          { name: unit(id), values: variable.values.map((row) => row[place]) },
          { name: text("explorer.mean"), values: variable.values.map(mean) },
        ],
      }),
      title,
      neighboursTitle: text("explorer.neighbours", { unit: unit(id) }),
      columns: [
        column(text("explorer.control.weights"), (r) => r.label, (r) => r.label, true),
        column(text("explorer.column.neighbours"), (r) => String(r.linked.length), (r) => r.linked.length),
        column(text("explorer.column.nearest"), (r) => shown(r.linked), (r) => shown(r.linked), true),
      ],
      rows,
    };
  }

  // ----- spillover and what if

  function estimateOf() {
    const names = [...new Set(MODEL.estimates.map((e) => e.weights))];
    const weights = oneOf("weights", names, names.includes(MODEL.default.weights) ? MODEL.default.weights : names[0]);
    const kinds = MODEL.estimates.filter((e) => e.weights === weights).map((e) => e.covariance);
    const covariance = oneOf("covariance", kinds, kinds.includes(MODEL.default.covariance) ? MODEL.default.covariance : kinds[0]);
    const estimate = MODEL.estimates.find((e) => e.weights === weights && e.covariance === covariance);
    return { names, kinds, weights, covariance, estimate, term: oneOf("term", MODEL.terms, MODEL.term) };
  }

  function weightsLabel(id) {
    const found = DATA.weights.find((w) => w.id === id);
    return found ? name(found.label) : id;
  }

  function modelControls(chosen) {
    return [
      select("term", chosen.term, options(MODEL.terms, (t) => name(MODEL.labels[t]))),
      select("weights", chosen.weights, options(chosen.names, weightsLabel)),
      select("covariance", chosen.covariance, options(chosen.kinds, (k) => name(MODEL.covariances[k]))),
    ];
  }

  function remembered(key, compute) {
    if (!kept.has(key)) {
      if (kept.size > 12) kept.clear();
      kept.set(key, compute());
    }
    return kept.get(key);
  }

  // Responses to rises by unit of the sample, for as many draws as a page can afford.
  function simulated(chosen, rises, direction) {
    const size = 2 * MODEL.terms.length + 1;
    const raised = rises.filter((r) => r !== 0).length;
    const draws = Arithmetic.affordable(MODEL.draws, MODEL.units.length, raised);
    const points = remembered("points", () => Arithmetic.normalPoints(MODEL.sobol, MODEL.draws));
    const parameters = remembered(`${chosen.weights} ${chosen.covariance} ${draws}`, () => Arithmetic.parametersOf(chosen.estimate, points, draws));
    const system = MODEL.systems[chosen.weights];
    const used = direction === "receiver" ? Arithmetic.transposed(system) : system;
    const found = Arithmetic.responses(used, parameters, MODEL.terms.indexOf(chosen.term), (size - 1) / 2, rises);
    return { ...found, draws };
  }

  const summary = (series) => Arithmetic.summary(series, MODEL.percentiles);

  // Classes of effects on either side of zero, of one width.
  function effectClasses(estimates, decimals) {
    const colours = DATA.palette.diverging;
    const half = colours.length / 2;
    const top = Math.max(...estimates.map(Math.abs));
    const bound = (i) => (top * (i - half)) / half;
    const position = (v) => (v === 0 || top === 0 ? -1 : Math.min(colours.length - 1, Math.max(0, v < 0 ? Math.floor((v * half) / top) + half : Math.ceil((v * half) / top) + half - 1)));
    const used = [...colours.keys()].filter((i) => estimates.some((v) => position(v) === i));
    const entries = used.map((i) => ({
      label: text("map.class", { low: Numbers.number(bound(i), decimals), high: Numbers.number(bound(i + 1), decimals) }),
      style: { colour: colours[i] },
    }));
    if (estimates.some((v) => position(v) < 0)) entries.push({ label: text("explorer.zero"), style: { colour: Figures.PALE } });
    return { entries, colour: (v) => (position(v) < 0 ? Figures.PALE : colours[position(v)]) };
  }

  // A map of responses; a dotted unit has an interval that holds zero.
  function effectMap(title, rows, legend, marked, decimals) {
    const classes = effectClasses(rows.map((r) => r.shown.estimate), decimals);
    const styles = {};
    const texts = {};
    rows.forEach((r) => {
      styles[r.unit] = { colour: classes.colour(r.shown.estimate), pattern: holdsZero(r.shown) && !isNothing(r.shown) ? Figures.ZERO : null };
      texts[r.unit] = `${unit(r.unit)}: ${Numbers.number(r.shown.estimate, decimals)} ${Numbers.interval(r.shown.low, r.shown.high, decimals)}`;
    });
    const dotted = { label: text("explorer.holds_zero"), style: { colour: Figures.PALE, pattern: Figures.ZERO } };
    return Figures.map({ title, styles, texts, entries: [...classes.entries, dotted], marked, legend });
  }

  function effectColumns(label, part, decimals) {
    return [
      column(label, (r) => (isNothing(r[part]) ? "0" : Numbers.number(r[part].estimate, decimals)), (r) => r[part].estimate),
      column(text("explorer.column.interval"), (r) => (isNothing(r[part]) ? "" : Numbers.interval(r[part].low, r[part].high, decimals)), null),
      { label: `${label} (low)`, raw: (r) => r[part].low, hidden: true },
      { label: `${label} (high)`, raw: (r) => r[part].high, hidden: true },
    ];
  }

  const yesNo = (is) => text(is ? "explorer.yes" : "explorer.no");

  function zeroColumn(part, label = text("explorer.column.zero")) {
    return column(label, (r) => yesNo(holdsZero(r[part])), (r) => yesNo(holdsZero(r[part])));
  }

  // What is known of the headline, named as such: other estimates stand beside it.
  function headlineNotes() {
    const { weights, covariance } = DATA.headline;
    const about = { weights: name(weights), covariance: name(covariance) };
    return [text("explorer.note.headline", about), ...DATA.notes[State.language()].estimates];
  }

  function modelNotes(draws) {
    const level = Numbers.number(100 * MODEL.level, 0);
    const used = text("explorer.note.draws", { draws: Numbers.number(draws, 0), seed: MODEL.seed, level });
    const fewer = draws < MODEL.draws ? [text("explorer.note.fewer", { draws: Numbers.number(MODEL.draws, 0) })] : [];
    return [used, ...fewer, ...headlineNotes()];
  }

  function warning() {
    return text("explorer.warning");
  }

  function spillControls() {
    const direction = oneOf("direction", ["sender", "receiver"], "sender");
    return [
      select("direction", direction, [
        { value: "sender", label: text("explorer.direction.sender") }, { value: "receiver", label: text("explorer.direction.receiver") },
      ]),
      select("unit", oneOf("unit", MODEL.units, MODEL.units[0]), options(MODEL.units, unit)),
      ...modelControls(estimateOf()),
    ];
  }

  function spillView() {
    const chosen = estimateOf();
    const direction = oneOf("direction", ["sender", "receiver"], "sender");
    const id = oneOf("unit", MODEL.units, MODEL.units[0]);
    const place = MODEL.units.indexOf(id);
    const rise = MODEL.rises[chosen.term];
    const decimals = Numbers.effectDecimals(rise, DATA.decimals);
    const key = `spill ${chosen.weights} ${chosen.covariance} ${chosen.term} ${direction} ${id}`;
    const found = remembered(key, () => {
      const all = simulated(chosen, MODEL.units.map((_, i) => (i === place ? rise : 0)), direction);
      const others = all.total.filter((_, i) => i !== place);
      return { draws: all.draws, entries: all.total.map(summary), sum: summary(Arithmetic.sumOf(others)) };
    });
    const rows = MODEL.units.map((u, i) => ({ unit: u, i, shown: found.entries[i] }));
    const others = rows.filter((r) => r.i !== place);
    const w = MODEL.systems[chosen.weights].weights;
    const linked = others.map((r) => (direction === "sender" ? w[r.i][place] : w[place][r.i]));
    const share = Arithmetic.squaredCorrelation(others.map((r) => r.shown.estimate), linked);
    const fields = { unit: unit(id), term: name(MODEL.labels[chosen.term]), outcome: name(MODEL.outcome), rise: Numbers.number(rise, DATA.decimals) };
    const title = text(`explorer.spill.${direction}`, fields);
    const sum = `${Numbers.number(found.sum.estimate, decimals)} ${Numbers.interval(found.sum.low, found.sum.high, decimals)}`;
    const zero = others.filter((r) => holdsZero(r.shown)).length;
    const sorted = [...others].sort((a, b) => Math.abs(b.shown.estimate) - Math.abs(a.shown.estimate));
    const own = rows[place];
    return {
      figure: effectMap(title, others, text("explorer.effect", fields), id, decimals),
      caption: [text("explorer.note.rise", fields), ...mapNotes()],
      answer: [
        text(direction === "sender" ? "explorer.given" : "explorer.received", { unit: unit(id), sum }),
        text("explorer.own_effect", { unit: unit(id), sum: `${Numbers.number(own.shown.estimate, decimals)} ${Numbers.interval(own.shown.low, own.shown.high, decimals)}` }),
        share === null ? text("explorer.weights_alone.none") : text("explorer.weights_alone", { share: Numbers.number(100 * share, 1) }),
        text("explorer.zero_count", { zero, count: others.length }),
        warning(),
      ],
      title,
      columns: [
        idColumn(), unitColumn(),
        ...effectColumns(text("explorer.column.effect"), "shown", decimals), zeroColumn("shown"),
        column(text("explorer.column.weight"), (r) => Numbers.number(direction === "sender" ? w[r.i][place] : w[place][r.i], DATA.decimals), (r) => (direction === "sender" ? w[r.i][place] : w[place][r.i])),
      ],
      rows: sorted, marked: id, beside: true, notes: modelNotes(found.draws), file: `spillover_${direction}_${id}`,
      totals: { sum: found.sum, share },
    };
  }

  // Sets of units that can be raised together: scenarios, groups, all.
  function setsOf() {
    const scenarios = MODEL.scenarios.map((s) => ({ value: `scenario:${s.id}`, label: name(s.label), units: s.units, shared: s.shared }));
    const groups = DATA.groups.flatMap((g) => g.groups.map((one) => ({ value: `${g.id}:${one.id}`, label: `${name(g.label)}: ${name(one.label)}`, units: one.units, shared: null })));
    return [...scenarios, { value: "all", label: text("explorer.set.all"), units: MODEL.units, shared: null }, ...groups];
  }

  function whatIf() {
    const sets = setsOf();
    const set = oneOf("set", [...sets.map((s) => s.value), "own"], sets[0].value);
    const known = sets.find((s) => s.value === set);
    const wanted = known ? known.units : get("units", "").split("+");
    const members = MODEL.units.filter((u) => wanted.includes(u));
    const chosen = estimateOf();
    const deviation = MODEL.rises[chosen.term];
    const typed = Number(get("amount", ""));
    const isOwn = get("amount", "") !== "" && Number.isFinite(typed) && typed !== 0;
    const amount = isOwn ? typed : deviation;
    const fallback = known && known.shared ? "shared" : "each";
    const sharing = oneOf("sharing", ["each", "shared"], fallback);
    const each = sharing === "shared" && members.length ? (amount * MODEL.units.length) / members.length : amount;
    return { sets, set, members, chosen, deviation, isOwn, amount, sharing, each, part: oneOf("part", PARTS, "total") };
  }

  function whatIfControls() {
    const now = whatIf();
    return [
      { ...select("set", now.set, [...now.sets, { value: "own", label: text("explorer.set.own") }]), resets: ["units", "sharing"] },
      ...modelControls(now.chosen),
      { kind: "number", key: "amount", value: now.isOwn ? String(now.amount) : "", label: text("explorer.control.amount", { rise: Numbers.number(now.deviation, DATA.decimals) }) },
      select("sharing", now.sharing, [
        { value: "each", label: text("explorer.sharing.each") }, { value: "shared", label: text("explorer.sharing.shared") },
      ]),
      select("part", now.part, options(PARTS, (p) => text(`explorer.part.${p}`))),
      { kind: "checks", key: "units", label: text("explorer.control.units"), values: now.members, options: options(MODEL.units, unit) },
    ];
  }

  function responsesTo(now) {
    const key = `whatif ${now.chosen.weights} ${now.chosen.covariance} ${now.chosen.term} ${now.each} ${now.members.join()}`;
    return remembered(key, () => {
      const all = simulated(now.chosen, MODEL.units.map((u) => (now.members.includes(u) ? now.each : 0)), "sender");
      const neighbours = all.total.map((series, i) => Arithmetic.difference(series, all.own[i]));
      const lists = { own: all.own, neighbours, total: all.total };
      const part = (list) => list.map(summary);
      return {
        draws: all.draws,
        units: { own: part(lists.own), neighbours: part(lists.neighbours), total: part(lists.total) },
        sums: Object.fromEntries(PARTS.map((p) => [p, summary(Arithmetic.sumOf(lists[p]))])),
      };
    });
  }

  function whatIfView() {
    const now = whatIf();
    const fields = {
      term: name(MODEL.labels[now.chosen.term]), outcome: name(MODEL.outcome), count: now.members.length,
      units: now.members.length === MODEL.units.length ? text("explorer.set.all") : State.joined(now.members.map(unit)),
    };
    if (!now.members.length) return { figure: null, caption: [], answer: [text("explorer.whatif.nothing"), warning()], title: "", columns: [], rows: [], notes: [], file: "what_if" };
    const decimals = Numbers.effectDecimals(Math.abs(now.each), DATA.decimals);
    fields.rise = Numbers.number(now.each, Math.max(DATA.decimals, decimals - 1));
    const found = responsesTo(now);
    const rows = MODEL.units.map((u, i) => ({
      unit: u, rise: now.members.includes(u) ? now.each : 0, own: found.units.own[i], neighbours: found.units.neighbours[i],
      total: found.units.total[i], shown: found.units[now.part][i],
    }));
    const title = text(`explorer.whatif.${now.part}`, fields);
    const shown = (s) => `${Numbers.number(s.estimate, decimals)} ${Numbers.interval(s.low, s.high, decimals)}`;
    const moved = rows.filter((r) => r.shown.estimate !== 0);
    const zero = moved.filter((r) => holdsZero(r.shown)).length;
    const sums = { own: shown(found.sums.own), neighbours: shown(found.sums.neighbours), total: shown(found.sums.total) };
    const sorted = [...rows].sort((a, b) => b.shown.estimate - a.shown.estimate);
    const all = { isSum: true, rise: now.each * now.members.length, ...found.sums };
    return {
      figure: effectMap(title, rows, text("explorer.effect", fields), null, decimals),
      caption: [text("explorer.whatif.rise", fields), ...mapNotes()],
      answer: [
        text("explorer.whatif.sums", sums),
        text(holdsZero(found.sums.total) ? "explorer.whatif.sum_zero" : "explorer.whatif.sum_not_zero"),
        text("explorer.zero_count", { zero, count: moved.length }),
        warning(),
      ],
      title,
      columns: [
        { label: "id", raw: (r) => r.unit || "all", hidden: true },
        { ...unitColumn(), cell: (r) => (r.isSum ? text("explorer.sum") : unit(r.unit)), raw: (r) => (r.isSum ? text("explorer.sum") : unit(r.unit)) },
        column(text("explorer.column.rise"), (r) => (r.rise ? Numbers.number(r.rise, decimals) : "0"), (r) => r.rise),
        ...PARTS.flatMap((p) => effectColumns(text(`explorer.part.${p}`), p, decimals)),
        zeroColumn("total", text("explorer.column.zero_total")),
      ],
      rows: [all, ...sorted], notes: modelNotes(found.draws), file: "what_if", totals: found,
    };
  }

  // ----- specifications

  const FIRST = ["term", "component"];
  const NUMBER = ["estimate", "std_error", "low", "high", "p_value"];

  function unpacked(text, kind) {
    return new kind(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  }

  // The list of estimates that is shown, with its columns as arrays.
  function listOf() {
    const ids = DATA.specifications.map((s) => s.id);
    const list = DATA.specifications[ids.indexOf(oneOf("estimates", ids, ids[0]))];
    return remembered(`list ${list.id}`, () => {
      const kind = list.bytes === 8 ? Float64Array : Float32Array;
      const choices = Object.fromEntries(Object.entries(list.choices).map(([key, c]) => [key, { ...c, codes: unpacked(c.codes, Uint8Array) }]));
      const numbers = Object.fromEntries(NUMBER.map((key) => [key, unpacked(list.numbers[key], kind)]));
      return { ...list, choices, numbers, others: Object.keys(choices).filter((key) => !FIRST.includes(key)) };
    });
  }

  // The position of the level that is wanted of a choice, or -1 for any.
  function wantedOf(list, key) {
    const { levels } = list.choices[key];
    const fallback = { term: list.term, component: "indirect" }[key] || "";
    const wanted = levels.indexOf(oneOf(key, ["", ...levels], fallback));
    return wanted < 0 && FIRST.includes(key) ? 0 : wanted;
  }

  function specControls() {
    const list = listOf();
    const lists = DATA.specifications.map((s) => ({ value: s.id, label: name(s.label) }));
    const any = { value: "", label: text("explorer.any") };
    const filters = [...FIRST, ...list.others].filter((key) => list.choices[key].levels.length > 1).map((key) => {
      const { levels, names } = list.choices[key];
      const wanted = wantedOf(list, key);
      const known = levels.map((value, i) => ({ value, label: name(names)[i] }));
      return select(key, wanted < 0 ? "" : levels[wanted], FIRST.includes(key) ? known : [any, ...known]);
    });
    return lists.length > 1 ? [select("estimates", list.id, lists), ...filters] : filters;
  }

  function selected(list) {
    const wanted = [...FIRST, ...list.others].map((key) => [list.choices[key].codes, wantedOf(list, key)]).filter(([, w]) => w >= 0);
    const places = [];
    for (let i = 0; i < list.count; i += 1) if (wanted.every(([codes, w]) => codes[i] === w)) places.push(i);
    places.sort((a, b) => list.numbers.estimate[a] - list.numbers.estimate[b]);
    return places.map((i, place) => {
      const row = { place: place + 1 };
      NUMBER.forEach((key) => { row[key] = Number.isNaN(list.numbers[key][i]) ? null : list.numbers[key][i]; });
      Object.entries(list.choices).forEach(([key, c]) => { row[key] = c.levels[c.codes[i]]; });
      row.zero = row.low === null || holdsZero(row);
      return row;
    });
  }

  // How many intervals run beyond the axis of the figure, where it does not hold all.
  function beyond(rows) {
    const range = Figures.rangeOf(rows);
    if (!range) return [];
    const count = rows.filter((r) => r.low < range[0] || r.high > range[1]).length;
    return [text("explorer.note.beyond", { count: Numbers.number(count, 0), all: Numbers.number(rows.length, 0) })];
  }

  function specView() {
    const list = listOf();
    const rows = selected(list);
    const level = (key, value) => name(list.choices[key].names)[list.choices[key].levels.indexOf(value)];
    const chosen = (key) => name(list.choices[key].names)[wantedOf(list, key)];
    const varying = list.others.filter((key) => new Set(rows.map((r) => r[key])).size > 1);
    const choices = varying.map((key) => ({
      label: text(`explorer.control.${key}`),
      levels: list.choices[key].levels.map((v) => ({ name: level(key, v), places: rows.filter((r) => r[key] === v).map((r) => r.place) })).filter((l) => l.places.length),
    }));
    const d = DATA.decimals;
    const told = (r) => `${Numbers.number(r.estimate, d)} ${Numbers.interval(r.low, r.high, d)} ${State.joined(varying.map((key) => level(key, r[key])))}`;
    const zero = rows.filter((r) => r.zero).length;
    const title = text("explorer.curve", { component: chosen("component"), term: chosen("term") });
    const median = rows.length ? (rows[Math.floor((rows.length - 1) / 2)].estimate + rows[Math.ceil((rows.length - 1) / 2)].estimate) / 2 : null;
    const choice = (key) => column(text(`explorer.control.${key}`), (r) => level(key, r[key]), (r) => r[key], true);
    return {
      figure: rows.length ? Figures.curve({ title, axis: chosen("component"), points: rows, choices, told }) : null,
      caption: [name(list.note), ...beyond(rows)],
      answer: [
        rows.length ? text("explorer.curve.count", { count: Numbers.number(rows.length, 0), zero: Numbers.number(zero, 0), median: Numbers.number(median, d) }) : text("explorer.curve.none"),
      ],
      title,
      columns: [
        column(text("explorer.column.place"), (r) => String(r.place), (r) => r.place),
        column(text("explorer.column.estimate"), (r) => Numbers.number(r.estimate, d), (r) => r.estimate),
        column(text("explorer.column.std_error"), (r) => Numbers.number(r.std_error, d), (r) => r.std_error),
        column(text("explorer.column.interval"), (r) => Numbers.interval(r.low, r.high, d), null),
        { label: "low", raw: (r) => r.low, hidden: true }, { label: "high", raw: (r) => r.high, hidden: true },
        column(text("explorer.column.p"), (r) => Numbers.pValue(r.p_value), (r) => r.p_value),
        ...(varying.length ? varying : ["model"]).map(choice),
      ],
      rows, limit: ROWS, notes: headlineNotes(), file: "specifications",
    };
  }

  const known = {
    map: { controls: mapControls, view: mapView },
    ...(MODEL ? { spillover: { controls: spillControls, view: spillView }, whatif: { controls: whatIfControls, view: whatIfView } } : {}),
    specifications: { controls: specControls, view: specView },
  };
  return { known, names: Object.keys(known) };
})();
