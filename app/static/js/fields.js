// The inputs of any form, on a page, in the sheet or in a dialog: pickers, masked inputs, the keys that save.

import { startPickers } from "./picker.js";
import { startSeveral } from "./several.js";
import { composing } from "./texts.js";

/** Bring the inputs of a form to life. */
export function startFields(form) {
  startPickers(form);
  startSeveral(form);
  startMasks(form);
}

function startMasks(form) {
  for (const input of form.querySelectorAll("[data-mask]")) {
    const flag = form.querySelector(`[data-touched="${CSS.escape(input.name)}"]`);
    input.addEventListener("input", () => flag && (flag.value = "1"));
    input.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && input.value) {
        event.stopPropagation();
        input.value = "";
        if (flag) flag.value = "";
      }
    });
  }
}

/** Whether a key means to save: Ctrl+S and Ctrl+Enter, not while a Chinese word is being composed. */
export const saves = (event) =>
  (event.ctrlKey || event.metaKey) && (event.key.toLowerCase() === "s" || event.key === "Enter") && !composing(event);

/** The form of a page that was fetched, fit to stand in this one: its ids are its own, its first field is told. */
export function adopt(form, prefix) {
  for (const node of form.querySelectorAll("[id]")) node.id = `${prefix}${node.id}`;
  for (const label of form.querySelectorAll("label[for]")) label.htmlFor = `${prefix}${label.htmlFor}`;
  for (const node of form.querySelectorAll("[aria-describedby]")) {
    node.setAttribute("aria-describedby", node.getAttribute("aria-describedby").split(" ").map((id) => `${prefix}${id}`).join(" "));
  }
  startFields(form);
  const wrong = form.querySelector('[aria-invalid="true"]');
  return wrong ?? form.querySelector(".field input:not([type=hidden]):not([readonly]), .field select, .field textarea");
}

/** Hear the keys that save in a form that does not stand in the page itself. */
export function startKeysOf(form) {
  form.addEventListener("keydown", (event) => {
    if (!saves(event)) return;
    event.preventDefault();
    event.stopPropagation(); // the form of the page below is not meant
    form.requestSubmit(form.querySelector("[data-save]"));
  });
}
