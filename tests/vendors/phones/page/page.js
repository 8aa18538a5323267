// Brings what is new without a reload: a sound that plays is left alone, since old bubbles stay as they are.
const EVERY_MS = 1500;
const talk = document.querySelector("#talk");
let count = Number(document.body.dataset.count);

async function renew() {
  const answer = await fetch(`${document.body.dataset.path}?after=${count}`);
  if (!answer.ok) return;
  const told = await answer.json();
  document.querySelector("#state").innerHTML = told.state;
  if (told.count === count) return;
  count = told.count;
  talk.insertAdjacentHTML("beforeend", told.bubbles);
  talk.scrollTop = talk.scrollHeight;
}

talk.scrollTop = talk.scrollHeight;
setInterval(() => renew().catch(() => {}), EVERY_MS); // the process may be starting again
