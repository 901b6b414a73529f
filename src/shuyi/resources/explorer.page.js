"use strict";
// The page: puts a view into the document, and carries what the reader does into the address.
const Page = (() => {
  const { DATA, text, set, oneOf } = State;
  const find = (id) => document.getElementById(id);
  let shown = null;

  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    Object.entries(attributes).forEach(([key, value]) => {
      if (key in made && typeof value !== "string") made[key] = value;
      else if (value !== null) made.setAttribute(key, value);
    });
    made.append(...children);
    return made;
  }

  function current() {
    return oneOf("view", Views.names, Views.names[0]);
  }

  function change(changes) {
    set(changes);
    render();
  }

  function control(item) {
    const id = `control-${item.key}`;
    if (item.kind === "checks") return checks(item);
    if (item.kind === "number") {
      const input = element("input", { id, type: "number", step: "any", value: item.value });
      input.addEventListener("change", () => change({ [item.key]: input.value === "" ? null : input.value }));
      return element("label", {}, item.label, input);
    }
    const list = element("select", { id });
    item.options.forEach((o) => list.append(element("option", { value: o.value, selected: o.value === item.value }, o.label)));
    list.addEventListener("change", () => {
      const resets = Object.fromEntries((item.resets || []).map((key) => [key, null]));
      change({ ...resets, [item.key]: list.value });
    });
    return element("label", {}, item.label, list);
  }

  function checks(item) {
    const boxes = item.options.map((o) => element("input", { id: `check-${o.value}`, type: "checkbox", value: o.value, checked: item.values.includes(o.value) }));
    boxes.forEach((box) => box.addEventListener("change", () => {
      change({ set: "own", [item.key]: boxes.filter((b) => b.checked).map((b) => b.value).join("+") });
    }));
    return element("fieldset", {}, element("legend", {}, item.label), ...boxes.map((box, i) => element("label", {}, box, item.options[i].label)));
  }

  function paragraphs(place, texts) {
    place.replaceChildren(...texts.map((t) => element("p", {}, t)));
  }

  function fill(table, columns, rows, { marked = null, chosen = null, limit = Infinity } = {}) {
    const visible = columns.filter((c) => !c.hidden);
    const head = element("tr", {}, ...visible.map((c) => element("th", { scope: "col", class: c.left ? "left" : null }, c.label)));
    const body = rows.slice(0, limit).map((row) => element("tr", { "aria-selected": row.unit && row.unit === marked ? "true" : null }, ...visible.map((c) => {
      const cell = element("td", { class: c.left ? "left" : null });
      if (c.isUnit && chosen && row.unit) {
        const button = element("button", { type: "button", "data-unit": row.unit }, c.cell(row));
        button.addEventListener("click", () => chosen(row.unit));
        cell.append(button);
      } else cell.append(c.cell(row));
      return cell;
    })));
    table.replaceChildren(element("thead", {}, head), element("tbody", {}, ...body));
  }

  function legend(place, key) {
    const swatch = (style) => {
      const made = element("span", { class: `swatch${style ? "" : " hatched"}${style && style.pattern ? " dotted" : ""}` });
      if (style) made.style.backgroundColor = style.colour;
      return made;
    };
    place.replaceChildren(...(key ? [element("li", {}, key.title), ...key.entries.map((e) => element("li", {}, swatch(e.style), e.label))] : []));
  }

  function frame() {
    document.documentElement.lang = State.language() === "zh" ? "zh-Hans" : "en";
    document.title = text("explorer.title");
    find("title").textContent = text("explorer.title");
    find("skip").textContent = text("explorer.skip");
    const languages = DATA.languages.map((code) => {
      const button = element("button", { type: "button", id: `language-${code}`, lang: code, "aria-pressed": String(code === State.language()) }, DATA.texts[code]["explorer.language"]);
      button.addEventListener("click", () => change({ lang: code }));
      return button;
    });
    find("languages").setAttribute("aria-label", text("explorer.languages"));
    find("languages").replaceChildren(...languages);
    find("tabs").setAttribute("aria-label", text("explorer.views"));
    find("tabs").replaceChildren(...Views.names.map((key) => element(
      "a", { id: `tab-${key}`, href: State.hash({ view: key }), "aria-current": key === current() ? "page" : null }, text(`explorer.view.${key}`),
    )));
    ["png", "csv"].forEach((id) => { find(id).textContent = text(`explorer.button.${id}`); });
    find("link-label").textContent = text("explorer.button.link");
  }

  function render() {
    const focused = document.activeElement && document.activeElement.id;
    const pressed = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.unit : null;
    const chosen = Views.known[current()];
    frame();
    find("lead").textContent = text(`explorer.lead.${current()}`);
    find("controls").replaceChildren(...chosen.controls().map(control));
    const view = chosen.view();
    shown = view;
    const pick = { map: (unit) => change({ unit }), spillover: (unit) => change({ unit }), whatif: toggled }[current()] || null;
    paragraphs(find("answer"), view.answer);
    paragraphs(find("caption"), view.caption);
    paragraphs(find("notes"), view.notes);
    find("view-title").textContent = view.title;
    fill(find("table"), view.columns, view.rows, { marked: view.marked, chosen: current() === "whatif" ? null : pick, limit: view.limit });
    find("said").textContent = view.limit && view.rows.length > view.limit ? text("explorer.limited", { shown: view.limit, count: view.rows.length }) : "";
    find("link").value = location.href;
    legend(find("legend"), view.figure && view.figure.key);
    find("content").className = view.beside ? "beside" : "";
    const drawn = [Figures.draw(find("figure"), view.figure, pick && ((unit) => unit && pick(unit)))];
    find("profile").hidden = !view.profile;
    if (view.profile) {
      find("profile-title").textContent = view.profile.title;
      find("neighbours-title").textContent = view.profile.neighboursTitle;
      fill(find("neighbours"), view.profile.columns, view.profile.rows);
      drawn.push(Figures.draw(find("profile-figure"), view.profile.figure));
    }
    find("figure").setAttribute("role", "img");
    find("figure").setAttribute("aria-label", view.title);
    const again = pressed ? document.querySelector(`#table [data-unit="${CSS.escape(pressed)}"]`) : focused && find(focused);
    if (again) again.focus();
    return Promise.all(drawn);
  }

  function toggled(unit) {
    if (!DATA.model.units.includes(unit)) return;
    const box = find(`check-${unit}`);
    box.click();
  }

  function quoted(value) {
    const plain = value === null || value === undefined ? "" : String(value);
    return /[",\n]/.test(plain) ? `"${plain.replace(/"/g, '""')}"` : plain;
  }

  // The rows of the view in full precision, then its notes.
  function csv() {
    const columns = shown.columns.filter((c) => c.raw);
    const lines = [columns.map((c) => c.label), ...shown.rows.map((row) => columns.map((c) => c.raw(row)))];
    const notes = [...shown.answer, ...shown.caption, ...shown.notes].map((note) => `# ${note}`);
    return `\ufeff${[...lines, ...notes.map((note) => [note])].map((cells) => cells.map(quoted).join(",")).join("\n")}\n`;
  }

  function save(name, address) {
    const link = element("a", { href: address, download: name });
    document.body.append(link);
    link.click();
    link.remove();
  }

  function start() {
    find("csv").addEventListener("click", () => {
      const address = URL.createObjectURL(new Blob([csv()], { type: "text/csv;charset=utf-8" }));
      save(`${shown.file}.csv`, address);
      setTimeout(() => URL.revokeObjectURL(address), 1000);
    });
    find("png").addEventListener("click", () => {
      if (!shown.figure) return;
      Figures.picture(shown.figure, [...shown.answer, ...shown.caption, ...shown.notes]).then((address) => save(`${shown.file}.png`, address));
    });
    find("link").addEventListener("focus", () => find("link").select());
    find("controls").addEventListener("submit", (event) => event.preventDefault());
    window.addEventListener("hashchange", () => { State.read(); render(); });
    State.read();
    return render();
  }

  return { start, csv, view: () => shown };
})();

Page.ready = Page.start();
