// The theme that was chosen, before anything is painted. room.js has the switch.
"use strict";
try {
  const theme = JSON.parse(localStorage.getItem("theme"));
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
} catch { /* a browser that keeps nothing */ }
