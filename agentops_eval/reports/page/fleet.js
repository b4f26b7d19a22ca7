"use strict";
// Looks again every two seconds and changes what has changed: focus, folds and the place on the page stay.
// Elements with an id are the same wherever they are among their neighbours.
// The answer is parsed where no script runs, and the page's policy lets none run but this one.
(() => {
  document.documentElement.classList.add("scripted");
  const told = document.getElementById("live");
  const say = (text) => { if (told.textContent !== text) told.textContent = text; };
  const clock = () => new Date().toTimeString().slice(0, 8);
  let tag = "", since = clock();

  function attributes(old, now) {
    const own = (name) => name === "open"; // a fold is the reader's
    for (const { name } of [...old.attributes]) if (!own(name) && !now.hasAttribute(name)) old.removeAttribute(name);
    for (const { name, value } of [...now.attributes]) if (!own(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }

  function morph(old, now) {
    if (old.nodeType !== Node.ELEMENT_NODE) {
      if (old.nodeValue !== now.nodeValue) old.nodeValue = now.nodeValue;
      return;
    }
    attributes(old, now);
    const known = new Map([...old.children].filter((one) => one.id).map((one) => [one.id, one]));
    let at = old.firstChild;
    for (const next of [...now.childNodes]) {
      const alike = at && !at.id && !next.id && at.nodeName === next.nodeName ? at : null;
      const found = next.id ? known.get(next.id) : alike;
      if (!found) old.insertBefore(document.importNode(next, true), at);
      else {
        if (found === at) at = at.nextSibling;
        else old.insertBefore(found, at);
        morph(found, next);
      }
    }
    while (at) { const gone = at; at = at.nextSibling; gone.remove(); }
  }

  function show(text) {
    const next = new DOMParser().parseFromString(text, "text/html");
    const focused = document.activeElement;
    morph(document.querySelector("main"), next.querySelector("main"));
    morph(document.querySelector("footer"), next.querySelector("footer"));
    document.title = next.title;
    if (focused && focused.isConnected && focused !== document.activeElement) focused.focus({ preventScroll: true });
  }

  async function look() {
    try {
      const answer = await fetch(location.pathname, { cache: "no-store", headers: tag ? { "If-None-Match": tag } : {} });
      if (answer.status === 200) {
        if (tag) since = clock();
        tag = answer.headers.get("ETag") || "";
        show(await answer.text());
      } else if (answer.status !== 304) throw new Error(String(answer.status));
      say(`live, changed at ${since}`);
    } catch {
      say(`no answer: this is how it was at ${since}`);
    }
    setTimeout(look, document.hidden ? 15000 : 2000);
  }
  performance.mark("ready");
  look();
})();
