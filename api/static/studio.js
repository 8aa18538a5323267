// One text while it is typed: checked, shown as patients see it, and spoken.  Without this script it can still be written and saved.

import { bubbleOf, element, get, state } from "./parts.js";

const form = get("words");
const WAIT_MS = 700;
const words = {};
let timer = 0, newest = 0;

const typed = () => new FormData(form);

async function post(address, body) {
  const answer = await fetch(address, { method: "POST", body });
  if (!answer.ok) throw Object.assign(new Error(address), { status: answer.status });
  return answer.json();
}

// ---- what is to mend

function showProblems(problems) {
  for (const list of document.querySelectorAll(".problems")) list.replaceChildren();
  for (const each of problems) {
    const pair = each.field && form.querySelector(`[data-field="${CSS.escape(each.field)}"]`);
    const item = element("li", each.kind === "warning" ? "warning" : "", `${each.what}: ${each.mend}`);
    (pair ? pair.querySelector(".problems") : get("other-problems")).append(item);
  }
  get("no-problems").hidden = problems.length > 0;
}

// ---- as patients see it

async function wordsOf(tag) {
  words[tag] = words[tag] || (await (await fetch("/v1/words/" + tag)).json());
  return words[tag];
}

async function showBubbles(shown) {
  const made = [];
  for (const line of shown) {
    state.words = await wordsOf(line.tag);
    if (shown.length > 1) made.push(element("h3", "of", line.name));
    made.push(bubbleOf(line));
  }
  get("bubbles").replaceChildren(...made);
}

async function look() {
  const turn = ++newest;
  const found = await post(form.dataset.look, typed());
  if (turn !== newest) return; // typed on meanwhile
  showProblems(found.problems);
  if (get("bubbles")) await showBubbles(found.shown);
}

// What is decided below is decided about saved words: with unsaved ones on the page nobody signs, speaks or leaves by mistake.
let unsaved = false;

function tellUnsaved(is) {
  unsaved = is;
  for (const each of document.querySelectorAll("#next button, #recorder button, #recorder input")) each.disabled = is;
}

form.addEventListener("submit", () => { unsaved = false; });
addEventListener("beforeunload", (event) => { if (unsaved) event.preventDefault(); });

form.addEventListener("input", () => {
  tellUnsaved(true);
  clearTimeout(timer);
  timer = setTimeout(() => look().catch(() => {}), WAIT_MS);
});

// ---- aloud

async function listen() {
  const { url } = await post(form.dataset.speak, typed());
  const player = get("machine");
  player.hidden = !url;
  if (!url) return;
  player.src = url;
  await player.play();
}

if (get("listen")) get("listen").addEventListener("click", () => listen().catch(() => {}));

// ---- what the assistant would understand

async function ask() {
  const box = get("understand"), body = new FormData();
  body.set("csrf", box.dataset.csrf);
  body.set("text", get("sentence").value);
  const answer = await fetch(box.dataset.ask, { method: "POST", body, redirect: "manual" });
  if (!answer.ok) return location.reload(); // signed out meanwhile
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return get("understood").replaceChildren(...page.body.childNodes);
}

if (get("ask")) get("ask").addEventListener("click", () => ask().catch(() => {}));

showProblems(JSON.parse(get("found").textContent));
look().catch(() => {});
