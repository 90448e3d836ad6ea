// What the reading room does beyond links and forms. Every page works without it.
"use strict";
const root = document.documentElement;
const find = (selector, within = document) => within.querySelector(selector);
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const stored = {
  get(key, otherwise) { try { return JSON.parse(localStorage.getItem(key)) ?? otherwise; } catch { return otherwise; } },
  set(key, value) { try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* a browser that keeps nothing */ } },
};
let silence = 0;
function say(text) {
  const place = find("[data-said]");
  place.textContent = text;
  clearTimeout(silence);
  silence = setTimeout(() => { place.textContent = ""; }, 4000);
}
async function copy(text, told) {
  try { await navigator.clipboard.writeText(text); say(told); } catch { say("The browser does not let this page copy."); }
}

// theme
const themeSwitch = find("[data-theme-switch]");
const isDark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
const nameTheme = () => { themeSwitch.textContent = isDark() ? "Light" : "Dark"; };
themeSwitch.hidden = false;
nameTheme();
themeSwitch.addEventListener("click", () => {
  root.dataset.theme = isDark() ? "light" : "dark";
  stored.set("theme", root.dataset.theme);
  nameTheme();
});

// the collection of marked cables, kept in this browser
const marked = () => stored.get("marked", []);
function showMarked() {
  const ids = marked();
  for (const count of all("[data-marked]")) { count.hidden = !ids.length; count.textContent = ids.length; }
  for (const button of all("[data-mark]")) {
    const held = ids.includes(button.dataset.mark);
    button.hidden = false;
    button.setAttribute("aria-pressed", String(held));
    button.textContent = held ? "In collection" : "Add to collection";
  }
  for (const link of all('header.site a[href^="/collection"]')) link.href = ids.length ? "/collection?ids=" + ids.map(encodeURIComponent).join(",") : "/collection";
}
function toggleMark(id) {
  const ids = marked();
  const held = ids.includes(id);
  stored.set("marked", held ? ids.filter((one) => one !== id) : [...ids, id].slice(-500));
  showMarked();
  say(held ? `${id} is no longer in the collection.` : `${id} is in the collection.`);
}
for (const button of all("[data-mark]")) button.addEventListener("click", () => toggleMark(button.dataset.mark));
for (const note of all("[data-needs-script]")) note.textContent = "“Add to collection” on a cable marks it.";
const collection = find("[data-collection]");
if (collection) {
  const listed = collection.dataset.collection.split(",").filter(Boolean);
  const actions = {
    "[data-collection-copy]": () => copy(location.href, "The link is copied."),
    "[data-collection-save]": () => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([listed.join("\n") + "\n"], { type: "text/plain" }));
      link.download = "collection.txt";
      link.click();
      URL.revokeObjectURL(link.href);
    },
    "[data-collection-keep]": () => { stored.set("marked", [...new Set([...marked(), ...listed])].slice(-500)); showMarked(); say("They are in your collection."); },
    "[data-collection-clear]": () => { stored.set("marked", []); location.href = "/collection"; },
  };
  for (const [selector, act] of Object.entries(actions)) {
    const button = find(selector);
    if (button) { button.hidden = false; button.addEventListener("click", act); }
  }
}
showMarked();

// citations
async function cite(link, said) {
  const answer = await fetch(link.href);
  if (!answer.ok) { location.href = link.href; return; }
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  copy(find("#citation", page).textContent, said);
}
for (const link of all("a[data-cite]")) {
  link.addEventListener("click", (event) => { event.preventDefault(); cite(link, "The citation is copied."); });
}
for (const link of all("a[data-cite-paragraph]")) {
  link.addEventListener("click", (event) => { event.preventDefault(); cite(link, "The citation of the paragraph is copied."); });
}
for (const button of all("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(find(button.dataset.copy).textContent, "The citation is copied."));
}

// repairs
for (const link of all("a[data-toggle]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    link.setAttribute("aria-pressed", String(document.body.classList.toggle(link.dataset.toggle)));
  });
  link.addEventListener("keydown", (event) => { if (event.key === " ") { event.preventDefault(); link.click(); } });
}

// places that were searched for
const hits = all(".text mark");
let hit = -1;
function goToHit(step) {
  if (!hits.length) return;
  hits[hit]?.classList.remove("current");
  hit = (hit + step + hits.length) % hits.length;
  hits[hit].classList.add("current");
  hits[hit].scrollIntoView({ block: "center" });
  say(`${hit + 1} of ${hits.length}`);
}
for (const button of all("[data-hit]")) {
  button.hidden = !hits.length;
  button.addEventListener("click", () => goToHit(Number(button.dataset.hit)));
}

// paragraphs and hits by keyboard
const items = all(".para").length ? all(".para") : all(".hits > .hit");
let at = -1;
function goToItem(step) {
  if (!items.length) return;
  if (at < 0 && location.hash) at = items.findIndex((item) => "#" + item.id === location.hash);
  items[at]?.classList.remove("at");
  at = Math.min(Math.max(at + step, 0), items.length - 1);
  items[at].classList.add("at");
  items[at].scrollIntoView({ block: "center" });
  (find("h2 a", items[at]) ?? items[at]).focus({ preventScroll: true });
}
const keys = {
  "/": () => { const box = find("#q"); box.focus(); box.select(); },
  j: () => goToItem(1), k: () => goToItem(-1), n: () => goToHit(1), p: () => goToHit(-1),
  r: () => find("[data-raw]")?.click(), v: () => find("a[data-toggle]")?.click(),
  c: () => { const item = items[at] ?? find(".para:target"); ((item && find("a[data-cite-paragraph]", item)) ?? find("a[data-cite]"))?.click(); },
  m: () => (find(".tools [data-mark]") ?? (items[at] && find("[data-mark]", items[at])))?.click(), "?": () => { location.href = "/help"; },
};
// Whoever speaks to the computer, or has unsteady hands, may have them off (WCAG 2.1.4).
const keysNote = find("[data-keys]");
if (keysNote) {
  const keysSwitch = document.createElement("button");
  keysSwitch.type = "button";
  const nameKeys = () => { keysSwitch.textContent = stored.get("keys", true) ? "Switch the keys off" : "Switch the keys on"; };
  keysSwitch.addEventListener("click", () => { stored.set("keys", !stored.get("keys", true)); nameKeys(); });
  nameKeys();
  keysNote.replaceChildren(keysSwitch);
}
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.body.classList.add("no-tips"); // until the pointer or the focus goes elsewhere
  if (!stored.get("keys", true)) return;
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  const act = keys[event.key];
  if (act) { event.preventDefault(); act(); }
});

// explanations stay inside the window
for (const name of ["pointerover", "focusin"]) {
  document.addEventListener(name, (event) => {
    const term = event.target.closest?.(".term");
    if (term?.matches(".term:hover, .term:focus-within")) {
      const { left } = term.getBoundingClientRect();
      term.classList.toggle("end", left + Math.min(find(".tip", term).offsetWidth, innerWidth) > root.clientWidth - 8);
    }
    if (!term || !term.contains(event.relatedTarget)) document.body.classList.remove("no-tips");
  });
}

// a long thread shows the place of this cable
const here = find(".thread .here");
if (here) here.parentElement.scrollTop = here.offsetTop - here.parentElement.clientHeight / 2;

// completion of the query
const box = find("#q");
if (box) {
  const list = document.createElement("ul");
  list.className = "complete";
  list.id = "complete";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "What could be typed");
  list.hidden = true;
  box.parentElement.append(list);
  for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-controls": "complete", "aria-autocomplete": "list" })) box.setAttribute(name, value);
  let start = 0, chosen = -1, asked = 0, timer = 0;
  const leave = () => { all("li", list)[chosen]?.setAttribute("aria-selected", "false"); chosen = -1; box.removeAttribute("aria-activedescendant"); };
  const close = () => { leave(); list.hidden = true; list.replaceChildren(); box.setAttribute("aria-expanded", "false"); };
  const take = (value) => {
    const rest = box.value.slice(box.selectionStart);
    const before = box.value.slice(0, start) + value + (value.endsWith(":") ? "" : " ");
    box.value = before + rest;
    box.setSelectionRange(before.length, before.length);
    clearTimeout(timer);
    asked++; // an answer that is still under way is of what was typed before
    close();
    box.focus();
    if (value.endsWith(":")) ask();
  };
  const choose = (n) => {
    const options = all("li", list);
    leave();
    chosen = n < 0 ? options.length - 1 : n % options.length;
    options[chosen].setAttribute("aria-selected", "true");
    options[chosen].scrollIntoView({ block: "nearest" });
    box.setAttribute("aria-activedescendant", options[chosen].id);
  };
  async function ask() {
    const typed = box.value.slice(0, box.selectionStart);
    if (!typed.trim()) { close(); return; }
    const number = ++asked;
    let told;
    try { told = await (await fetch("/complete.json?q=" + encodeURIComponent(typed))).json(); } catch { return; }
    if (number !== asked || document.activeElement !== box) return;
    // What was chosen while this answer was on its way stays chosen, if it is still offered.
    const kept = find("li[aria-selected=true] code", list)?.textContent;
    close();
    start = told.start;
    told.values?.forEach(({ value, about }, n) => {
      const option = document.createElement("li");
      option.id = `complete-${n}`;
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      const name = document.createElement("code");
      name.textContent = value;
      const words = document.createElement("span");
      words.className = "about";
      words.textContent = about;
      option.append(name, words);
      option.addEventListener("mousedown", (event) => { event.preventDefault(); take(value); });
      list.append(option);
    });
    if (told.values?.length) { list.hidden = false; box.setAttribute("aria-expanded", "true"); }
    const again = told.values?.findIndex(({ value }) => value === kept) ?? -1;
    if (again >= 0) choose(again);
  }
  box.addEventListener("input", () => { leave(); clearTimeout(timer); timer = setTimeout(ask, 120); });
  box.addEventListener("blur", close);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { if (list.hidden) box.blur(); close(); return; }
    if (list.hidden) return;
    if (event.key === "ArrowDown") { event.preventDefault(); choose(chosen + 1); }
    else if (event.key === "ArrowUp") { event.preventDefault(); choose(Math.max(chosen, 0) - 1); }
    else if ((event.key === "Enter" || event.key === "Tab") && chosen >= 0) { event.preventDefault(); take(find("code", all("li", list)[chosen]).textContent); }
  });
}
