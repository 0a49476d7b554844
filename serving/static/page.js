// What every page does: switch light and dark, and send a form when a choice in it changes.
(function () {
  "use strict";
  const root = document.documentElement;
  const dark = () => root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  for (const button of document.querySelectorAll("[data-theme-toggle]")) {
    button.addEventListener("click", () => {
      root.dataset.theme = dark() ? "light" : "dark";
      try { localStorage.setItem("theme", root.dataset.theme); } catch { /* nothing is remembered */ }
      document.dispatchEvent(new CustomEvent("themechange"));
    });
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new CustomEvent("themechange")));
  for (const field of document.querySelectorAll("[data-submit]")) {
    field.addEventListener("change", () => {
      const given = new URLSearchParams(location.search);  // what other forms of the page chose stays
      for (const [name, value] of new FormData(field.form)) given.set(name, value);
      location.search = given.toString();
    });
  }
})();
