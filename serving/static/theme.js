// Light or dark, as chosen before; without a choice, as the system says. Runs before the page is drawn.
(function () {
  "use strict";
  let chosen = null;
  try { chosen = localStorage.getItem("theme"); } catch { /* storage is switched off: nothing is remembered */ }
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
})();
