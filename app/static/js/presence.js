// Who else has this record's form open: asked while the page is looked at, told by the form. Never in the way.

import { ask, post } from "./server.js";

const BEAT = 20000;

/** Show the others in a place of the page; `editing` is given by a form and says whether something is unsaved. */
export function startPresence(place, editing = null) {
  const url = place.dataset.presence;
  let last;
  const beat = async () => {
    if (document.hidden) return;
    last = editing?.();
    const answer = editing ? await post(url, { editing: last }) : await ask(url);
    if (!answer.ok) return; // signed out, or looking as another role: the form says so when it is saved
    place.hidden = !answer.others.length;
    place.querySelector("[data-words]").textContent = answer.others.join("　");
  };
  beat();
  setInterval(beat, BEAT);
  if (!editing) return null;
  addEventListener("pagehide", () => {
    const token = document.querySelector('meta[name="csrf-token"]')?.content ?? "";
    const headers = { "Content-Type": "application/json", "X-CSRFToken": token, "X-Requested-With": "XMLHttpRequest", Accept: "application/json" };
    fetch(url, { method: "POST", keepalive: true, credentials: "same-origin", headers, body: JSON.stringify({ gone: true }) }).catch(() => null);
  });
  return () => last !== editing() && beat();
}
