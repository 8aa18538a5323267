// The worklist renews itself; without this script every page still works.
"use strict";

const list = document.getElementById("list");

async function renew() {
  const busy = list.contains(document.activeElement) && document.activeElement.tagName === "SELECT";
  if (busy || document.hidden) return;
  const answer = await fetch(list.dataset.refresh, { redirect: "manual" });
  if (!answer.ok) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("list");
  if (fresh && fresh.innerHTML !== list.innerHTML) list.replaceChildren(...fresh.childNodes);
}

if (list) setInterval(() => renew().catch(() => {}), 10000);

const print = document.getElementById("print");
if (print) print.addEventListener("click", () => window.print());
