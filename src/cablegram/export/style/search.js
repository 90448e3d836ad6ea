// Search over the index that was made with these pages (search-index.js). Nothing is asked of anyone; texts are put in as text.
(() => {
  "use strict";
  const index = window.cablegramIndex;
  const form = document.getElementById("find");
  if (!index || !form) return;
  const input = document.getElementById("q");
  const told = document.getElementById("told");
  const list = document.getElementById("found");
  const MOST = 100;
  const words = Object.keys(index.words);
  form.hidden = false;

  function places(word) {
    const found = new Set();
    for (const known of words) if (known.startsWith(word)) for (const n of index.words[known]) found.add(n);
    return found;
  }

  function search() {
    const asked = input.value.toLowerCase().match(/[\p{L}\p{N}]+/gu) || [];
    list.replaceChildren();
    if (!asked.length) {
      told.textContent = "";
      return;
    }
    let found = null;
    for (const word of asked) {
      const here = places(word);
      found = found === null ? here : new Set([...found].filter((n) => here.has(n)));
    }
    const numbers = [...found].sort((a, b) => a - b);
    told.textContent = numbers.length === 1 ? "1 cable" : `${numbers.length} cables` + (numbers.length > MOST ? `, the first ${MOST}` : "");
    for (const n of numbers.slice(0, MOST)) {
      const [id, date, subject, file] = index.cables[n];
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = `cables/${file}.html`;
      link.className = "cable";
      link.textContent = id;
      const about = document.createElement("span");
      about.className = "about";
      about.textContent = [date, subject].filter(Boolean).join(" · ");
      item.append(link, " ", about);
      list.append(item);
    }
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  input.addEventListener("input", search);
})();
