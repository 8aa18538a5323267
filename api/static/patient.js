// The web app: choose a language, link, consent, talk.  Its words come from /v1/words, never from here.

import { all, call, element, get, kept, show, soundOf, state, tellOnline, useForm } from "./parts.js";
import { beginTalk, forget, openChat } from "./talk.js";

const RETRY_MS = 5000;
let choosing = "linking"; // where the list of languages was opened from

// ---- consent

async function openConsent() {
  const wanted = await call("/consents");
  if (wanted.purposes.every((each) => each.given !== null)) return openChat(false);
  show("consent");
  get("consent-intro").replaceChildren(...(wanted.intro_audio ? [soundOf(wanted.intro_audio)] : []), element("p", "", wanted.intro));
  get("purposes").replaceChildren(...wanted.purposes.map(purpose));
  return null;
}

function purpose(each) {
  const box = element("fieldset", "purpose");
  box.dataset.purpose = each.purpose;
  box.append(element("legend", "", each.text));
  if (each.audio) box.append(soundOf(each.audio));
  const row = element("div", "answers");
  for (const [value, key] of [["yes", "web-agree"], ["no", "web-not-now"]]) {
    const label = element("label", "answer");
    const radio = element("input");
    Object.assign(radio, { type: "radio", name: each.purpose, value });
    label.append(radio, element("span", "", state.words[key]));
    row.append(label);
  }
  box.append(row);
  return box;
}

// Silence is neither yes nor no: every purpose gets the patient's own answer.
async function finishConsent(event) {
  event.preventDefault();
  const open = all(".purpose").find((box) => !box.querySelector("input:checked"));
  for (const box of all(".purpose")) box.classList.toggle("open", !box.querySelector("input:checked"));
  get("consent-problem").textContent = open ? state.words["web-choose-each"] : "";
  if (open) return open.querySelector("input").focus();
  await busy(get("consent-done"), get("consent-problem"), async () => {
    for (const box of all(".purpose")) await call("/consents", { purpose: box.dataset.purpose, given: box.querySelector("input:checked").value === "yes" });
    await openChat(true);
  });
  return null;
}

// One press, one request; what goes wrong is said beside the button.
async function busy(button, problem, work) {
  const known = { "code-wrong": "web-code-wrong", "code-expired": "web-code-expired", "code-used": "web-code-used", "code-too-many-tries": "web-too-many-tries", unlinked: "web-unlinked" };
  button.disabled = true;
  problem.textContent = "";
  try {
    await work();
  } catch (reason) {
    problem.textContent = state.words[known[reason.code] || "web-not-sent"];
  } finally {
    button.disabled = false;
  }
}

// ---- start

async function linkDevice(event) {
  event.preventDefault();
  await busy(get("link"), get("code-problem"), async () => {
    await call("/link", { code: get("code").value, form: state.form });
    history.replaceState(null, "", "/");
    forget();
    await openConsent();
  });
}

async function chooseLanguage(tag) {
  await useForm(tag);
  if (choosing === "consent") {
    await call("/chat/messages", { payload: "form:" + tag });
    return openConsent();
  }
  return openLinking();
}

function openLinking() {
  show("linking");
  get("code").value = new URLSearchParams(location.search).get("code") || get("code").value;
  get("code").focus();
}

function offerLanguages() {
  choosing = get("consent").hidden ? "linking" : "consent";
  show("languages");
}

async function start() {
  const tag = kept.read("karez-form");
  if (!state.forms[tag] || location.search.includes("code=")) return show("languages");
  await useForm(tag);
  return openConsent().catch((problem) => {
    if (problem.status !== 401) throw problem;
    openLinking();
  });
}

// No network at the first look is no reason for an empty page.
function begin() {
  return start().catch(() => setTimeout(begin, RETRY_MS));
}

for (const button of all(".language")) {
  const { form: tag, script } = button.dataset;
  state.forms[tag] = { tag, script, language: button.lang, direction: button.dir, name: button.textContent };
  button.addEventListener("click", () => chooseLanguage(tag).catch(() => tellOnline(false)));
}
get("language").addEventListener("click", offerLanguages);
get("linking").addEventListener("submit", linkDevice);
get("consent").addEventListener("submit", finishConsent);
for (const [problem, button] of [["code-problem", "link"], ["consent-problem", "consent-done"]]) get(problem).addEventListener("click", () => get(button).click());
beginTalk();
begin();
