"use strict";
// The page's own script. Everything that agents wrote goes through text nodes; nothing is ever read as HTML.
(() => {
  const $ = (id) => document.getElementById(id);
  const PAGE = 100;
  const data = JSON.parse($("data").textContent);
  const GLYPHS = ["\u2715", "\u25cb", "!", "?", "\u2713"];
  const cases = data.cases.map((one, at) => ({ ...one, at }));
  const state = { key: "s", down: false, page: 0, found: cases, open: new Set() };
  const fields = ["find", "status", "change", "tag", "segment"].map($).filter(Boolean);
  const texts = new Array(cases.length);

  function make(name, attributes, ...inside) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : value);
    }
    element.append(...inside.filter((one) => one !== null && one !== undefined && one !== ""));
    return element;
  }

  const usd = (value) => (value === undefined ? "" : `$${value.toFixed(value >= 100 ? 2 : 4)}`);
  const seconds = (value) => (value === undefined ? "" : value.toFixed(value >= 100 ? 0 : 2));
  const score = (value) => (value === undefined ? "" : value.toFixed(2));
  const slug = (words) => words.replaceAll(" ", "_");

  function pill(status) {
    const words = data.statuses[status];
    const mark = make("i", { "aria-hidden": "true" }, GLYPHS[status]);
    return make("span", { class: `pill ${slug(words)}`, title: words }, mark, " ", make("span", {}, words));
  }

  // -- what is shown -----------------------------------------------------------------------------

  function searchable(one) {
    if (texts[one.at] === undefined) {
      const parts = [one.n, one.h, one.r, one.w, one.f, ...(one.u || []), ...(one.g || []), ...(one.e || [])];
      for (const trial of one.t) {
        parts.push(trial.o, trial.q);
        for (const verdict of trial.v || []) parts.push(data.evaluators[verdict[0]], verdict[3]);
      }
      texts[one.at] = parts.filter(Boolean).join("\n").toLowerCase();
    }
    return texts[one.at];
  }

  function chosen(id) {
    const field = $(id);
    return field ? field.value : "";
  }

  function matches() {
    const words = chosen("find").toLowerCase().split(/\s+/).filter(Boolean);
    const [status, change, tag, segment] = ["status", "change", "tag", "segment"].map(chosen);
    return (one) =>
      (status === "" || one.s === Number(status)) &&
      (change === "" || one.k === Number(change)) &&
      (tag === "" || (one.g || []).includes(tag)) &&
      (segment === "" || (one.e || []).includes(segment)) &&
      words.every((word) => searchable(one).includes(word));
  }

  const collator = new Intl.Collator(undefined, { numeric: true });

  function compare(one, other) {
    const key = state.key;
    if (key === "n") return collator.compare(one.n, other.n);
    const read = (row) => (key === "p" ? row.p / row.t.length : row[key]);
    return read(one) - read(other);
  }

  function sorted(rows) {
    const missing = (row) => state.key !== "n" && state.key !== "p" && row[state.key] === undefined;
    const known = rows.filter((row) => !missing(row)).sort(compare);
    if (state.down) known.reverse().sort((one, other) => -compare(one, other) || one.at - other.at);
    return known.concat(rows.filter(missing)); // what is not known is last, either way
  }

  function update() {
    state.found = sorted(cases.filter(matches()));
    state.page = 0;
    draw();
  }

  function draw() {
    const from = state.page * PAGE;
    const rows = state.found.slice(from, from + PAGE);
    $("rows").replaceChildren(...rows.flatMap((one) => (state.open.has(one.at) ? [row(one), detail(one)] : [row(one)])));
    const pages = Math.max(Math.ceil(state.found.length / PAGE), 1);
    const count = state.found.length.toLocaleString("en");
    $("shown").textContent = `${count} of ${cases.length.toLocaleString("en")} case${cases.length === 1 ? "" : "s"}`;
    $("page").textContent = `page ${state.page + 1} of ${pages}`;
    $("before").disabled = state.page === 0;
    $("after").disabled = state.page >= pages - 1;
    $("before").parentElement.hidden = pages === 1;
    for (const tile of document.querySelectorAll(".tile")) {
      tile.setAttribute("aria-pressed", String(chosen("status") === tile.dataset.status));
    }
    for (const head of document.querySelectorAll("#table th[data-key]")) {
      if (head.dataset.key === state.key) head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
  }

  // -- a case ------------------------------------------------------------------------------------

  function row(one) {
    const open = state.open.has(one.at);
    const name = make("button", { type: "button", class: "name", "aria-expanded": String(open) }, one.n);
    if (open) name.setAttribute("aria-controls", `detail-${one.at}`);
    name.addEventListener("click", () => toggle(one));
    const labels = [...(one.g || []), ...(one.e || [])].join(" \u00b7 ");
    const title = one.h ? make("span", { class: "title soft" }, one.h) : null;
    const why = one.r ? make("span", { class: "why" }, one.r) : null;
    const cells = [
      make("td", {}, pill(one.s)),
      make("td", {}, name, title ? " " : null, title, why, labels ? make("span", { class: "labels" }, labels) : null),
      make("td", { class: "n" }, `${one.p}/${one.t.length}`),
    ];
    if ($("change")) {
      const kind = one.k === undefined ? "" : data.changes[one.k];
      cells.push(make("td", { class: "wide" }, kind ? make("span", { class: `pill ${slug(kind)}` }, kind) : null));
    }
    for (const text of [score(one.x), usd(one.c), seconds(one.l)]) cells.push(make("td", { class: "n wide" }, text));
    return make("tr", { class: `case${open ? " open" : ""}`, id: `case-${one.at}` }, ...cells);
  }

  function toggle(one) {
    const line = $(`case-${one.at}`);
    if (state.open.delete(one.at)) line.nextElementSibling.remove();
    else state.open.add(one.at);
    const fresh = row(one);
    line.replaceWith(fresh);
    if (state.open.has(one.at)) fresh.after(detail(one));
    fresh.querySelector("button").focus();
  }

  function detail(one) {
    const width = document.querySelectorAll("#table thead th").length;
    const inside = make("div", { class: "inside" });
    if (one.f) inside.append(make("p", {}, make("b", {}, "first diverging step "), one.f));
    if (one.m) inside.append(make("p", { class: "remedy" }, "Remedy: ", make("code", {}, one.m)));
    if (one.k !== undefined) inside.append(make("p", { class: "soft" }, `baseline ${one.b} passed, ${data.changes[one.k]}`));
    if (one.w) inside.append(facts([["scenario", one.w]]));
    if (one.u) inside.append(make("h3", {}, "Asked"), ...one.u.map((text, at) => said(one.u.length === 1 ? "Asked" : `Turn ${at + 1}`, text)));
    const worst = one.t.find((trial) => trial.s === one.s);
    for (const trial of one.t) inside.append(...(one.t.length === 1 ? told(trial, true) : [folded(trial, trial === worst)]));
    if (one.d) inside.append(make("h3", {}, "Traces side by side"), diff(...one.d));
    const cell = make("td", { colspan: width }, inside);
    return make("tr", { class: "detail", id: `detail-${one.at}` }, cell);
  }

  function said(label, text) {
    return make("pre", { class: "said", tabindex: "0", role: "group", "aria-label": label }, text);
  }

  // A name may go on in the next line after its signs, so that no word of it is broken.
  function breakable(name) {
    return name.split(/(?<=[_.:/-])(?=\w)/).flatMap((part, at) => (at ? [make("wbr"), part] : [part]));
  }

  function folded(trial, open) {
    const summary = make("summary", {}, `Trial ${trial.i} `, pill(trial.s));
    const details = make("details", { open }, summary);
    const fill = () => details.childElementCount === 1 && details.append(...told(trial, false));
    if (open) fill();
    details.addEventListener("toggle", fill);
    return details;
  }

  function told(trial, alone) {
    const found = [];
    if (trial.q) found.push(make("p", { class: "broke" }, make("b", {}, "Error: "), trial.q));
    if ((trial.v || []).length) found.push(verdicts(trial.v, trial.r));
    if (trial.o) found.push(make("h3", {}, "Answer"), said("Answer", trial.o));
    const spent = [["cost", usd(trial.c)], ["seconds", seconds(trial.l)]].filter((pair) => pair[1]);
    const versions = trial.y === undefined ? [] : data.versions[trial.y];
    const all = [...spent, ...(trial.z || []), ...versions];
    if (trial.r) found.push(make("p", {}, make("a", { href: trial.r }, "This run, told step by step")));
    if (all.length) found.push(facts(all));
    return found.length || !alone ? found : [make("p", { class: "soft" }, "Nothing else is told of it.")];
  }

  function facts(pairs) {
    return make("dl", {}, ...pairs.flatMap(([key, value]) => [make("dt", {}, key), make("dd", {}, make("code", {}, value))]));
  }

  function verdicts(some, run) {
    const heads = ["verdict", "score", "evaluator", "reason"].map((name) => make("th", { scope: "col" }, name));
    const order = [1, 2, 0]; // fail, unknown, pass, as positions in data.values
    const rows = [...some].sort((one, other) => order.indexOf(one[1]) - order.indexOf(other[1])).map((one) => {
      const value = data.values[one[1]];
      const step = (place) => (run && /^[0-9a-f]{16}$/.test(place) ? make("a", { href: `${run}#span-${place}` }, place) : place);
      const evidence = (one[4] || []).map((place) => make("span", { class: "evidence" }, step(place)));
      return make("tr", {},
        make("td", {}, make("span", { class: `pill ${value}` }, make("i", { "aria-hidden": "true" }, { pass: GLYPHS[4], fail: GLYPHS[0] }[value] || "?"), ` ${value}`)),
        make("td", { class: "n" }, one[2] === null ? "" : score(one[2])),
        make("td", {}, ...breakable(data.evaluators[one[0]])),
        make("td", {}, one[3], ...evidence));
    });
    return make("table", { class: "verdicts" }, make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows));
  }

  function diff(before, after, rows, more) {
    const cell = (name) => make("b", { role: "columnheader" }, name);
    const table = make("div", { class: "diff", role: "table", "aria-label": `${before} and ${after} side by side` });
    table.append(make("div", { class: "heads", role: "row" }, cell(before), cell(after)));
    for (const [kind, first, start, left, right, end] of rows) {
      if (kind === "gap") table.append(make("div", { class: "gap", role: "row" }, make("span", { role: "cell" }, start + left + end)));
      else table.append(sides(kind, first, start, left, right, end));
    }
    if (more) table.append(make("div", { class: "gap", role: "row" }, make("span", { role: "cell" }, `${more} more rows are not shown`)));
    return table;
  }

  function sides(kind, first, start, left, right, end) {
    const none = () => make("pre", { class: "none", role: "cell" });
    const side = (name, mark, text) => make("pre", { class: name, role: "cell" }, start, text ? make(mark, {}, text) : null, end);
    const line = make("div", { class: `sides ${kind}${first ? " first" : ""}`, role: "row" });
    if (first) line.append(make("span", { class: "mark", role: "cell" }, "first diverging step"));
    line.append(kind === "added" ? none() : side("left", "del", left), kind === "removed" ? none() : side("right", "ins", right));
    return line;
  }

  // -- what a person does ------------------------------------------------------------------------

  function clear() {
    for (const field of fields) field.value = "";
    update();
  }

  function show(at) {
    const one = cases[at];
    if (one === undefined) return;
    for (const field of fields) field.value = "";
    state.open.add(at);
    state.found = sorted(cases);
    state.page = Math.floor(state.found.findIndex((row) => row.at === at) / PAGE);
    draw();
    $(`case-${at}`).scrollIntoView({ block: "start" });
    $(`case-${at}`).querySelector("button").focus({ preventScroll: true });
  }

  function follow() {
    const match = /^#case-(\d+)$/.exec(location.hash);
    if (match) show(Number(match[1]));
  }

  function step(event, by) {
    const buttons = [...document.querySelectorAll("#rows button.name")];
    const at = buttons.indexOf(document.activeElement);
    if (at < 0 || !buttons[at + by]) return;
    event.preventDefault();
    buttons[at + by].focus();
  }

  function turn(by) {
    state.page += by;
    draw();
    $("cases").scrollIntoView();
    $("cases").focus({ preventScroll: true });
  }

  let waiting = 0;
  $("find").addEventListener("input", () => {
    clearTimeout(waiting);
    if (cases.length <= 1000) update();
    else waiting = setTimeout(update, 120); // while somebody types
  });
  for (const field of fields) if (field.id !== "find") field.addEventListener("change", update);
  for (const tile of document.querySelectorAll(".tile")) {
    tile.addEventListener("click", () => {
      $("status").value = chosen("status") === tile.dataset.status ? "" : tile.dataset.status;
      update();
    });
  }
  for (const head of document.querySelectorAll("#table th[data-key]")) {
    head.firstElementChild.addEventListener("click", () => {
      const again = state.key === head.dataset.key;
      state.down = again ? !state.down : false;
      state.key = head.dataset.key;
      update();
    });
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest('a[href^="#case-"]');
    if (link && link.getAttribute("href") === location.hash) follow(); // the address does not change the second time
  });
  document.addEventListener("keydown", (event) => {
    const typing = /^(INPUT|SELECT|TEXTAREA)$/.test(document.activeElement.tagName);
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "/" && !typing) { event.preventDefault(); $("find").focus(); }
    else if (event.key === "Escape" && (document.activeElement === $("find") || !typing)) clear();
    else if (event.key === "ArrowDown" && !typing) step(event, 1);
    else if (event.key === "ArrowUp" && !typing) step(event, -1);
  });
  $("clear").addEventListener("click", clear);
  $("before").addEventListener("click", () => turn(-1));
  $("after").addEventListener("click", () => turn(1));
  addEventListener("hashchange", follow);

  document.documentElement.classList.add("scripted");
  update();
  follow();
  performance.mark("ready");
})();
