// The open conversation: lines as they come, what is said, and what waits for the network.

import { all, bubbleOf, call, element, get, kept, labelOf, show, state, tellOnline, useForm } from "./parts.js";

const talk = { last: 0, loading: false, waiting: [], draining: false, stream: null, asked: false, answer: null };
const RETRY_MS = 5000, LOOK_MS = 30000, NEAR_PX = 80, MOST_ROWS = 5;

// ---- lines, and where the page stands

function isAtEnd() {
  return innerHeight + scrollY >= document.documentElement.scrollHeight - NEAR_PX;
}

function addLine(line) {
  if (line.id <= talk.last) return;
  const atEnd = isAtEnd();
  talk.last = line.id;
  if (line.said_by === "patient") return addOwn(line);
  const bubble = bubbleOf(line);
  get("lines").append(bubble);
  get("thinking").hidden = true;
  if (!talk.loading) place(bubble, line.at, atEnd);
}

function addOwn(line) {
  const pending = document.querySelector(".pending");
  if (pending) pending.remove();
  if (line.act === "pressed") markPressed(line.topic);
  const text = line.act === "pressed" ? labelOf(line.topic) : line.text;
  if (text && line.topic !== "menu") get("lines").append(bubbleOf({ ...line, text, language: "" }));
  for (const later of all(".pending")) get("lines").append(later);
}

function markPressed(payload) {
  for (const button of all(".choices [data-payload]")) {
    if (button.dataset.payload !== payload) continue;
    for (const each of button.parentElement.children) each.setAttribute("aria-pressed", each === button);
  }
}

// An answer is read from its beginning: lines said at one moment are one answer, shown from the first of them.
function place(bubble, at, atEnd) {
  if (!talk.answer || talk.answer.at !== at) talk.answer = { first: bubble, at, follow: atEnd || talk.asked };
  talk.asked = false;
  if (talk.answer.follow) talk.answer.first.scrollIntoView({ block: "start" });
  else get("newest").hidden = false;
}

async function fetchLines() {
  const { messages } = await call("/chat/messages?after=" + talk.last);
  messages.forEach(addLine);
  await followForm(messages);
}

// The page speaks the language Karez last spoke to this patient.
async function followForm(lines) {
  const line = lines.filter((each) => each.said_by !== "patient").pop();
  const now = line && Object.values(state.forms).find((form) => form.language === line.language && form.script === line.script);
  if (now && now.tag !== state.form) await useForm(now.tag);
}

// ---- saying something

function send(said) {
  const key = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  talk.waiting.push({ ...said, key });
  keepWaiting();
  addPending(said);
  return drain();
}

// What waits for the network outlives a closed page, and goes with its own key: never lost, never said twice.
function keepWaiting() {
  kept.write("karez-waiting", JSON.stringify(talk.waiting));
}

function addPending(said) {
  const line = { said_by: "patient", act: "said", text: said.text || labelOf(said.payload), buttons: [] };
  const bubble = bubbleOf(line);
  bubble.classList.add("pending");
  if (said.payload === "menu") bubble.classList.add("unseen");
  get("lines").append(bubble);
  talk.asked = true;
  talk.answer = null;
  scrollTo(0, document.documentElement.scrollHeight);
}

async function drain() {
  if (talk.draining) return;
  talk.draining = true;
  try {
    while (talk.waiting.length) await sendFirst();
    tellOnline(true);
  } catch (problem) {
    if (problem.status === 401) return unlinked();
    tellOnline(false);
    setTimeout(drain, RETRY_MS);
  } finally {
    talk.draining = false;
  }
}

async function sendFirst() {
  const [said] = talk.waiting;
  get("thinking").hidden = false;
  try {
    await call("/chat/messages", said);
  } catch (problem) {
    if (!problem.status || problem.status >= 500 || problem.status === 401) throw problem;
    refused(said);
  }
  talk.waiting.shift();
  keepWaiting();
  await fetchLines();
}

// Said back as it was, so that nothing a patient wrote disappears.
function refused(said) {
  const pending = document.querySelector(".pending");
  if (!pending) return;
  pending.classList.remove("pending");
  get("thinking").hidden = true;
  const again = element("button", "again", state.words["web-not-sent"]);
  again.type = "button";
  again.addEventListener("click", () => { pending.remove(); send(said.text ? { text: said.text } : { payload: said.payload }); });
  pending.append(again);
}

function press(payload) {
  if (payload === "stop") return get("stop-sure").showModal ? get("stop-sure").showModal() : send({ payload });
  if (talk.waiting.some((each) => each.payload === payload)) return null; // a second tap while the first is on its way
  return send({ payload });
}

function answerStop(sure) {
  get("stop-sure").close();
  if (sure) send({ payload: "stop" });
}

// ---- the open conversation

function listen() {
  if (talk.stream) talk.stream.close();
  talk.stream = new EventSource("/v1/chat/events?after=" + talk.last);
  talk.stream.addEventListener("line", (event) => {
    const line = JSON.parse(event.data);
    addLine(line);
    followForm([line]).catch(() => {});
  });
  talk.stream.onopen = () => tellOnline(true);
}

// Streams break silently on poor networks and in pages that slept: look for ourselves, and listen anew.
async function lookAgain() {
  if (get("chat").hidden || document.hidden) return;
  try {
    await fetchLines();
    if (talk.stream.readyState === EventSource.CLOSED) listen();
    tellOnline(true);
    drain();
  } catch (problem) {
    if (problem.status === 401) return unlinked();
    tellOnline(false);
  }
}

export async function openChat(thanks) {
  show("chat");
  await showHistory().catch((problem) => {
    if (problem.status === 401) throw problem;
    tellOnline(false); // the looks every half minute bring the lines later
  });
  if (thanks) get("lines").append(thanksForConsent());
  talk.waiting = waitingBefore();
  talk.waiting.forEach(addPending);
  if (talk.last === 0 && !talk.waiting.length) send({ payload: "menu" });
  listen();
  return drain();
}

// What was said before is shown from the beginning of the newest answer, and not read aloud line by line.
async function showHistory() {
  talk.loading = true;
  await fetchLines().finally(() => { talk.loading = false; });
  const newest = all(".bubble.karez").pop();
  talk.answer = newest ? { first: newest, follow: false, at: "" } : null;
  if (newest) newest.scrollIntoView({ block: "start" });
  get("lines").setAttribute("aria-live", "polite");
}

function thanksForConsent() {
  const { language, direction } = state.forms[state.form];
  return bubbleOf({ said_by: "karez", act: "thanks", text: state.words["consent-thanks"], language, direction, buttons: [] });
}

function waitingBefore() {
  try { return JSON.parse(kept.read("karez-waiting")) || []; } catch { return []; }
}

export function forget() {
  if (talk.stream) talk.stream.close();
  Object.assign(talk, { last: 0, waiting: [], answer: null });
  keepWaiting();
  get("lines").replaceChildren();
}

function unlinked() {
  if (talk.stream) talk.stream.close();
  show("linking");
  get("code-problem").textContent = state.words["web-unlinked"];
}

function sayTyped(event) {
  event.preventDefault();
  const text = get("text").value;
  if (!text.trim()) return;
  get("text").value = "";
  fitText();
  send({ text });
}

function fitText() {
  const box = get("text");
  box.rows = 1;
  while (box.scrollHeight > box.clientHeight && box.rows < MOST_ROWS) box.rows += 1;
}

function typeKey(event) {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return; // Enter inside pinyin chooses a word
  event.preventDefault();
  get("say").requestSubmit();
}

function showNewest() {
  get("newest").hidden = true;
  talk.answer.first.scrollIntoView({ block: "start" });
}

function pressNearest(event) {
  const button = event.target.closest("[data-payload]");
  if (button) press(button.dataset.payload);
}

export function beginTalk() {
  get("say").addEventListener("submit", sayTyped);
  get("text").addEventListener("input", fitText);
  get("text").addEventListener("keydown", typeKey);
  get("stop-not").addEventListener("click", () => answerStop(false));
  get("stop-yes").addEventListener("click", () => answerStop(true));
  get("newest").addEventListener("click", showNewest);
  document.addEventListener("click", pressNearest);
  for (const name of ["wheel", "touchmove"]) addEventListener(name, () => { if (talk.answer) talk.answer.follow = isAtEnd(); }, { passive: true });
  addEventListener("scroll", () => { if (isAtEnd()) get("newest").hidden = true; }, { passive: true });
  addEventListener("offline", () => tellOnline(false));
  addEventListener("online", lookAgain);
  document.addEventListener("visibilitychange", lookAgain);
  setInterval(lookAgain, LOOK_MS);
}
