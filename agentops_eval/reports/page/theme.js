"use strict";
// Light, dark, or as the system says; kept for all pages of a place.
(() => {
  const root = document.documentElement;
  const field = document.getElementById("theme");
  const paint = (theme) => {
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
  };
  const keep = (theme) => { try { localStorage.setItem("agentops-theme", theme); } catch { /* not every place keeps things */ } };
  let kept = "";
  try { kept = localStorage.getItem("agentops-theme") || ""; } catch { /* nor tells of them */ }
  field.value = ["light", "dark"].includes(kept) ? kept : "";
  paint(field.value);
  field.addEventListener("change", () => { paint(field.value); keep(field.value); });
})();
