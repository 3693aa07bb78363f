// A round of meters: the use is reckoned while one types; what is odd is said and wants a second press; a photo goes along.

import { send } from "./server.js";
import { json } from "./texts.js";

const ODD_USE = 10, HIGH = 2, LOW = 0.5; // as rules/readings.py has them; the server judges in the end
const words = json("round-texts") ?? {};
const round = document.querySelector("[data-round]");

function doubt(form) {
  const value = Number(form.elements.value.value.replace(/,/g, ""));
  if (!form.elements.value.value || Number.isNaN(value) || form.elements.turned_over.checked) return "";
  const use = (value - Number(form.dataset.last)) * Number(form.dataset.ratio || 1);
  const usual = Number(form.dataset.usual || 0);
  if (use < 0) return "back";
  if (usual < ODD_USE) return "";
  return use === 0 ? "none" : use > usual * HIGH ? "high" : use < usual * LOW ? "low" : "";
}

function warn(form, sure) {
  const why = doubt(form);
  const place = form.querySelector("[data-odd]");
  place.hidden = !why;
  if (why) place.querySelector("[data-odd-text]").textContent = sure ? `${words[why]}。${words.sure}` : words[why];
  return why;
}

round.addEventListener("input", (event) => {
  const form = event.target.closest("[data-reading]");
  if (!form) return;
  delete form.dataset.sure;
  if (event.target.name === "photo") form.querySelector("[data-shot-name]").textContent = event.target.files[0]?.name.slice(0, 12) ?? "";
  warn(form, false);
});

round.addEventListener("submit", async (event) => {
  const form = event.target.closest("[data-reading]");
  if (!form) return;
  event.preventDefault();
  if (warn(form, true) && !form.dataset.sure) {
    form.dataset.sure = "1";
    return;
  }
  const button = form.querySelector("[type=submit]");
  button.disabled = true;
  const answer = await send(form.action, new FormData(form));
  button.disabled = false;
  const refused = form.querySelector("[data-refused]");
  refused.hidden = answer.ok;
  refused.textContent = answer.ok ? "" : answer.message;
  if (!answer.ok) return;
  const card = form.closest("[data-meter]");
  const note = card.querySelector("[data-entered]");
  note.hidden = false;
  note.querySelector("[data-entered-text]").textContent = [answer.message, answer.doubt].filter(Boolean).join(" · ");
  form.remove();
  const done = round.querySelector("[data-round-done]");
  done.textContent = Number(done.textContent) + 1;
  card.nextElementSibling?.querySelector("[name=value]")?.focus();
});
