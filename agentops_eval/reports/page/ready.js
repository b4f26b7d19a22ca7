"use strict";
// All of the page is there without scripts; with them its switch of colours is.
document.documentElement.classList.add("scripted");
performance.mark("ready");
