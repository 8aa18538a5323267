// What every part of the web app uses: the page, the words, the door to /v1, sound, and how a line is drawn.

export const get = (id) => document.getElementById(id);
export const all = (where) => Array.from(document.querySelectorAll(where));
export const state = { words: {}, form: null, forms: {}, player: null };
const FONT_MS = 2000, PATIENCE_MS = 30000;

// Private windows keep nothing, and need nothing.
export const kept = {
  read(name) { try { return localStorage.getItem(name); } catch { return null; } },
  write(name, value) { try { localStorage.setItem(name, value); } catch { /* as above */ } },
};

export async function call(path, body) {
  const options = body ? { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) } : {};
  const patience = new AbortController(); // a poor network can keep a request open for minutes
  const timer = setTimeout(() => patience.abort(), PATIENCE_MS);
  const answer = await fetch("/v1" + path, { ...options, signal: patience.signal }).finally(() => clearTimeout(timer));
  if (answer.status === 204) return null;
  const value = await answer.json().catch(() => null);
  if (answer.ok && !value) throw new Error(path); // somebody between us answered: a hotel's or a hospital's sign-in page
  if (!answer.ok) throw Object.assign(new Error(path), { status: answer.status, code: value && value.error && value.error.code });
  return value;
}

export function element(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text) made.textContent = text;
  return made;
}

export function show(id) {
  for (const part of ["loading", "languages", "linking", "consent", "chat"]) get(part).hidden = part !== id;
  document.body.dataset.showing = id;
  for (const part of ["stop", "say"]) get(part).hidden = id !== "chat";
  get("language").hidden = id !== "linking" && id !== "consent";
  get("newest").hidden = true;
  scrollTo(0, 0);
}

export function tellOnline(is) {
  get("offline").hidden = is;
  if (!is) get("thinking").hidden = true;
}

export async function useForm(tag) {
  const form = state.forms[tag];
  state.words = await call("/words/" + tag);
  state.form = tag;
  document.documentElement.lang = form.language;
  document.documentElement.dir = form.direction;
  document.title = state.words["web-title"];
  for (const each of all("[data-word]")) each.textContent = state.words[each.dataset.word];
  for (const each of all("[data-label]")) each.setAttribute("aria-label", state.words[each.dataset.label]);
  get("text").placeholder = state.words["web-type-here"];
  get("own-name").textContent = form.name;
  get("foot").replaceChildren(...withNumber(state.words["web-not-emergency"]));
  kept.write("karez-form", tag);
  await fontFor(form);
}

// Lines must not change their height under a reader's eyes, so letters are waited for, but not for ever.
function fontFor(form) {
  if (form.script !== "Arab" || !document.fonts) return null;
  // house: letters - two letters that make the browser fetch the font
  return Promise.race([document.fonts.load('1rem "Karez Arabic"', "ئۈ"), new Promise((done) => setTimeout(done, FONT_MS))]);
}

// ---- the number to call

function telephone(name, text) {
  const link = element("a", name, text);
  link.href = "tel:" + state.words["emergency-number"];
  return link;
}

function apart(each) {
  each.dir = "ltr"; // a direction of its own also keeps it from pulling at its neighbours
  return each;
}

function withNumber(text) {
  const number = state.words["emergency-number"];
  return plain(text).split(/(\d+)/).map((part) => (part === number ? apart(telephone("", part)) : part));
}

// ---- sound

export function soundOf(audio) {
  const box = get("sound").content.cloneNode(true).firstElementChild;
  const player = box.querySelector("audio");
  const tell = (now) => {
    box.dataset.state = now;
    box.querySelector(".do").textContent = state.words[now === "playing" || now === "loading" ? "web-pause" : "web-play"];
  };
  player.src = audio.url;
  box.querySelector(".time").textContent = minutes(audio.seconds);
  box.querySelector(".voice").textContent = audio.label;
  box.querySelector("button").addEventListener("click", () => (player.paused ? play(player, tell) : player.pause()));
  player.addEventListener("timeupdate", () => { box.querySelector("progress").value = player.currentTime / (player.duration || audio.seconds || 1); });
  player.addEventListener("playing", () => tell("playing"));
  player.addEventListener("waiting", () => tell("loading"));
  for (const end of ["pause", "ended", "error"]) player.addEventListener(end, () => tell("idle"));
  tell("idle");
  return box;
}

async function play(player, tell) {
  if (state.player && state.player !== player) state.player.pause();
  state.player = player;
  tell("loading");
  try {
    await player.play();
  } catch (problem) {
    tell("idle");
    if (problem.name === "AbortError") return; // paused before it began
    tellOnline(false);
    player.load(); // a player that failed once would never ask again
  }
}

function minutes(seconds) {
  const whole = Math.max(1, Math.round(seconds));
  return Math.floor(whole / 60) + ":" + String(whole % 60).padStart(2, "0");
}

// ---- bubbles

export function bubbleOf(line) {
  const bubble = element("article", "bubble " + line.said_by);
  const mine = line.said_by === "patient";
  bubble.setAttribute("aria-label", state.words[mine ? "web-you" : "web-title"]);
  bubble.dir = mine ? "auto" : line.direction;
  bubble.dataset.act = line.act;
  if (line.language) bubble.lang = line.language;
  if (line.topic && !mine) bubble.dataset.topic = line.topic;
  bubble.append(...textOf(line));
  if (line.act === "alarm") bubble.firstElementChild.after(telephone("call", state.words["web-call"]));
  if (line.audio) bubble.prepend(soundOf(line.audio));
  if (line.buttons.length) bubble.append(choices(line.buttons));
  if (line.notice) bubble.append(element("p", "demo", line.notice));
  return bubble;
}

function textOf(line) {
  const parts = line.text.split("\n").filter((part) => part.trim());
  if (line.act !== "show_topic") return parts.map((part) => element("p", "", part));
  const made = [element("h2", "", parts.shift())];
  let section = null;
  for (const part of parts) {
    const when = ["emergency", "same-day", "next"].find((each) => plain(part) === plain(state.words["topic-call-" + each]));
    if (when) made.push((section = element("section", "when " + when)));
    (section || { append: (each) => made.push(each) }).append(element(when ? "h3" : "p", "", part));
  }
  const emergency = made.find((each) => each.classList.contains("emergency"));
  if (emergency) emergency.append(telephone("call", state.words["web-call"]));
  return made;
}

// The words without the marks that keep numbers in place inside right-to-left text.
function plain(text) {
  return text.replace(/[\u2066-\u2069]/g, "");
}

function choices(buttons) {
  const row = element("div", "choices");
  for (const each of buttons) {
    const button = element("button", "", each.label);
    button.type = "button";
    button.dir = "auto";
    button.dataset.payload = each.payload;
    row.append(button);
  }
  return row;
}

export function labelOf(payload) {
  const button = all("[data-payload]").filter((each) => each.dataset.payload === payload).pop();
  return button ? button.textContent.trim() : "";
}

