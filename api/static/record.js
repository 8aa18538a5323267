// Records a voice in the browser, lets it be heard and trimmed, and sends it; the server decides what is a recording.

import { get } from "./parts.js";

const box = get("recorder");
const MOST_BYTES = 20e6, LONGEST_MS = 300e3;
let recorder = null, take = null;

function say(code) {
  for (const each of box.querySelectorAll("[data-code]")) each.hidden = each.dataset.code !== code;
}

function press(on) {
  const button = get("record");
  button.setAttribute("aria-pressed", on);
  button.textContent = on ? button.dataset.on : button.dataset.off;
  get("level").hidden = !on;
}

async function start() {
  say("");
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: false } });
  const pieces = [];
  recorder = new MediaRecorder(stream);
  recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
  recorder.addEventListener("stop", () => {
    for (const track of stream.getTracks()) track.stop();
    press(false);
    offer(new Blob(pieces, { type: recorder.mimeType }));
  });
  recorder.start(1000);
  setTimeout(stop, LONGEST_MS);
  press(true);
  showLevel(stream);
}

function stop() {
  if (recorder && recorder.state === "recording") recorder.stop();
}

// Whoever speaks sees that they are heard.
function showLevel(stream) {
  const context = new AudioContext(), listener = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(listener);
  const samples = new Float32Array(listener.fftSize);
  const draw = () => {
    if (!recorder || recorder.state !== "recording") return context.close();
    listener.getFloatTimeDomainData(samples);
    get("level").value = Math.min(1, Math.max(...samples.map(Math.abs)));
    return requestAnimationFrame(draw);
  };
  draw();
}

function offer(sound) {
  take = sound;
  say(sound.size > MOST_BYTES ? "bad-sound:too-big" : "");
  get("take").hidden = sound.size > MOST_BYTES;
  get("taken").src = URL.createObjectURL(sound);
}

async function keep() {
  const body = new FormData();
  body.set("csrf", box.dataset.csrf);
  body.set("seen", box.dataset.seen);
  body.set("sound", take, "take");
  body.set("from", get("from").value || "0");
  if (get("until").value) body.set("until", get("until").value);
  const answer = await fetch(box.dataset.send, { method: "POST", body });
  if (answer.ok) return location.reload();
  const refused = await answer.json().catch(() => ({}));
  const known = Array.from(box.querySelectorAll("[data-code]"), (each) => each.dataset.code);
  return say(answer.status === 413 ? "bad-sound:too-big" : known.includes(refused.code) ? refused.code : "other");
}

if (box) {
  get("record").addEventListener("click", () => (recorder && recorder.state === "recording" ? stop() : start().catch(() => say("no-microphone"))));
  get("file").addEventListener("change", (event) => { if (event.target.files[0]) offer(event.target.files[0]); });
  get("keep").addEventListener("click", () => keep().catch(() => say("other")));
}
