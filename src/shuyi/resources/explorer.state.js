"use strict";
// What the page shows: read from the address, kept in it, so that every view has a link.
const State = (() => {
  const DATA = JSON.parse(document.getElementById("data").textContent);
  const values = new Map();

  function read() {
    values.clear();
    new URLSearchParams(location.hash.slice(1)).forEach((value, key) => values.set(key, value));
  }

  function get(key, fallback) {
    return values.has(key) ? values.get(key) : fallback;
  }

  // One of several values; what is none of them is the fallback.
  function oneOf(key, allowed, fallback) {
    const value = get(key, fallback);
    return allowed.includes(value) ? value : fallback;
  }

  function hash(changes) {
    const found = new Map(values);
    Object.entries(changes).forEach(([key, value]) => (value === null ? found.delete(key) : found.set(key, String(value))));
    return `#${new URLSearchParams([...found]).toString()}`;
  }

  function set(changes) {
    history.replaceState(null, "", hash(changes));
    read();
  }

  function language() {
    return oneOf("lang", DATA.languages, DATA.languages[0]);
  }

  function text(key, fields = {}) {
    const found = DATA.texts[language()][key];
    return found.replace(/\{(\w+)\}/g, (whole, name) => (name in fields ? fields[name] : whole));
  }

  function name(labels) {
    return labels[language()];
  }

  function unit(id) {
    return DATA.names[language()][id] || id;
  }

  function joined(texts) {
    return texts.join(language() === "zh" ? "、" : ", ");
  }

  return { DATA, read, get, oneOf, hash, set, language, text, name, unit, joined };
})();
