// The web app: choose a language, link, consent, talk.  Its words come from /v1/words, never from here.
"use strict";

const get = (id) => document.getElementById(id);
const state = { words: {}, form: null, last: 0, forms: {}, player: null, queue: [] };

async function call(path, body) {
  const options = body ? { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) } : {};
  const answer = await fetch("/v1" + path, options);
  if (answer.status === 204) return null;
  const value = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(value.error.code), { status: answer.status, code: value.error.code });
  return value;
}

function show(id) {
  for (const part of ["languages", "linking", "consent", "chat"]) get(part).hidden = part !== id;
  get("stop").hidden = id !== "chat";
}

async function useForm(tag) {
  const form = state.forms[tag];
  state.form = tag;
  document.documentElement.lang = form.language;
  document.documentElement.dir = form.direction;
  state.words = await call("/words/" + tag);
  const put = { title: "web-title", "code-label": "web-enter-code", "code-hint": "web-code-hint", link: "web-link", send: "web-send", foot: "web-not-emergency", stop: "button-stop", "consent-done": "web-continue", offline: "web-offline" };
  for (const [id, key] of Object.entries(put)) get(id).textContent = state.words[key];
  get("text").placeholder = state.words["web-type-here"];
  get("text").setAttribute("aria-label", state.words["web-type-here"]);
  try { localStorage.setItem("karez-form", tag); } catch { /* private windows keep nothing, and need nothing */ }
}

// ---- sound

function soundButton(audio) {
  const button = element("button", "sound");
  const label = (playing) => { button.textContent = (playing ? "❚❚ " : "▶ ") + state.words[playing ? "web-pause" : "web-play"]; };
  button.type = "button";
  button.dataset.audio = audio.url;
  const note = element("small", "voice", audio.label);
  const player = new Audio();
  player.preload = "none";
  label(false);
  button.addEventListener("click", () => {
    if (!player.paused) return player.pause();
    if (state.player && state.player !== player) state.player.pause();
    state.player = player;
    if (!player.src) player.src = audio.url;
    button.dataset.state = "loading";
    return player.play();
  });
  player.addEventListener("loadedmetadata", () => { button.dataset.seconds = player.duration; });
  player.addEventListener("play", () => { button.dataset.state = "playing"; label(true); });
  for (const end of ["pause", "ended"]) player.addEventListener(end, () => { button.dataset.state = end; label(false); });
  const row = element("div", "sound-row");
  row.append(button, note);
  return row;
}

function element(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}

// ---- conversation

function addLine(line) {
  if (line.id <= state.last && line.id !== 0) return;
  state.last = Math.max(state.last, line.id);
  if (line.act === "pressed") return;
  const bubble = element("article", "bubble " + line.said_by);
  bubble.lang = line.language;
  bubble.dir = line.said_by === "patient" ? "auto" : line.direction;
  bubble.dataset.act = line.act;
  if (line.topic) bubble.dataset.topic = line.topic;
  if (line.notice) bubble.append(element("p", "demo", line.notice));
  for (const part of line.text.split("\n").filter(Boolean)) bubble.append(element("p", "", part));
  if (line.audio) bubble.append(soundButton(line.audio));
  if (line.buttons.length) bubble.append(choices(line.buttons));
  get("lines").append(bubble);
  bubble.scrollIntoView({ block: "nearest" });
  if (line.act === "change_language") renewForm(line);
}

function choices(buttons) {
  const row = element("div", "choices");
  for (const each of buttons) {
    const button = element("button", "", each.label);
    button.type = "button";
    button.dir = "auto";
    button.dataset.payload = each.payload;
    button.addEventListener("click", () => send({ payload: each.payload }));
    row.append(button);
  }
  return row;
}

function renewForm(line) {
  const now = Object.values(state.forms).find((form) => form.language === line.language && form.script === line.script);
  if (now && now.tag !== state.form) useForm(now.tag);
}

function send(said) {
  const key = Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  state.queue.push({ ...said, key });
  return drain();
}

let draining = false;
async function drain() {
  if (draining) return;
  draining = true;
  try {
    while (state.queue.length) {
      await call("/chat/messages", state.queue[0]);
      state.queue.shift();
      get("offline").hidden = true;
      await fetchLines();
    }
  } catch (problem) {
    if (problem.status === 401) return start();
    if (problem.status && problem.status < 500) state.queue.shift();
    get("offline").hidden = false;
    setTimeout(drain, 5000);
  } finally {
    draining = false;
  }
}

async function fetchLines() {
  const { messages } = await call("/chat/messages?after=" + state.last);
  messages.forEach(addLine);
}

function listen() {
  const stream = new EventSource("/v1/chat/events?after=" + state.last);
  stream.addEventListener("line", (event) => addLine(JSON.parse(event.data)));
  stream.onerror = () => { if (stream.readyState === EventSource.CLOSED) { stream.close(); setTimeout(listen, 5000); } };
}

async function openChat() {
  show("chat");
  await fetchLines();
  listen();
}

// ---- consent

async function openConsent() {
  const wanted = await call("/consents");
  if (wanted.purposes.every((each) => each.given !== null)) return openChat();
  show("consent");
  get("consent-intro").replaceChildren(element("p", "", wanted.intro), ...(wanted.intro_audio ? [soundButton(wanted.intro_audio)] : []));
  get("purposes").replaceChildren(...wanted.purposes.map(purpose));
  return null;
}

function purpose(each) {
  const box = element("fieldset", "purpose");
  box.dataset.purpose = each.purpose;
  box.append(element("legend", "", each.text));
  if (each.audio) box.append(soundButton(each.audio));
  for (const [value, key] of [["yes", "web-agree"], ["no", "web-not-now"]]) {
    const label = element("label", "choice");
    const radio = element("input");
    radio.type = "radio";
    radio.name = each.purpose;
    radio.value = value;
    label.append(radio, " " + state.words[key]);
    box.append(label);
  }
  return box;
}

async function finishConsent() {
  for (const box of document.querySelectorAll(".purpose")) {
    const chosen = box.querySelector("input:checked");
    await call("/consents", { purpose: box.dataset.purpose, given: Boolean(chosen && chosen.value === "yes") });
  }
  return openChat();
}

// ---- start

async function linkDevice(event) {
  event.preventDefault();
  get("code-problem").textContent = "";
  try {
    await call("/link", { code: get("code").value, form: state.form });
    history.replaceState(null, "", "/");
    await openConsent();
  } catch (problem) {
    const known = { "code-wrong": "web-code-wrong", "code-expired": "web-code-expired", "code-used": "web-code-used", "code-too-many-tries": "web-too-many-tries" };
    get("code-problem").textContent = state.words[known[problem.code] || "web-offline"];
  }
}

async function chooseLanguage(tag) {
  await useForm(tag);
  get("code").value = new URLSearchParams(location.search).get("code") || "";
  show("linking");
  get("code").focus();
}

async function start() {
  for (const form of await call("/forms")) state.forms[form.tag] = form;
  let tag = null;
  try { tag = localStorage.getItem("karez-form"); } catch { /* as above */ }
  if (!tag || !state.forms[tag] || location.search.includes("code=")) return show("languages");
  await useForm(tag);
  try { await openConsent(); } catch { await chooseLanguage(tag); }
  return null;
}

for (const button of document.querySelectorAll(".language")) button.addEventListener("click", () => chooseLanguage(button.dataset.form));
get("linking").addEventListener("submit", linkDevice);
get("consent-done").addEventListener("click", () => finishConsent());
get("stop").addEventListener("click", () => send({ payload: "stop" }));
get("say").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = get("text").value;
  if (!text.trim()) return;
  get("text").value = "";
  send({ text });
});
get("text").addEventListener("keydown", (event) => { if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); get("say").requestSubmit(); } });
start();
