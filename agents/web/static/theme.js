// Before anything is drawn: the ground in the colours that were chosen, so that the page does not flash.
"use strict";
try {
  document.documentElement.dataset.theme = localStorage.getItem("theme") || (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
} catch { /* private windows keep nothing */ }
