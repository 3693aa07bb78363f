// Several rows of another register in one field: chips of their names, found like any one of them. The names are what is sent.

import { attachPicker } from "./picker.js";
import { composing, icon, make, texts } from "./texts.js";

const BETWEEN = /[、,，;；\n]+/;
const MARK = "、";

/** Bring every field of several names in a part of the page to life. */
export function startSeveral(root) {
  for (const box of root.querySelectorAll("[data-several]")) attach(box);
}

function attach(box) {
  if (box.dataset.started) return;
  box.dataset.started = "1";
  const names = box.querySelector("[data-names]");
  const input = box.querySelector("[data-typed]");
  const chips = box.querySelector("[data-chips]");
  for (const name of ["id", "aria-invalid", "aria-describedby", "aria-required"]) {
    if (names.hasAttribute(name)) input.setAttribute(name, names.getAttribute(name));
    names.removeAttribute(name);
  }
  names.hidden = true;
  box.querySelector(".tokens-box").hidden = false;

  const all = () => names.value.split(BETWEEN).map((word) => word.trim()).filter(Boolean);
  const draw = () => chips.replaceChildren(...all().map((word, at) => {
    const x = make("button", { type: "button", class: "link", "aria-label": `${texts.remove} ${word}`, onclick: () => drop(at) }, icon("x"));
    return make("span", {}, word, x);
  }));
  const keep = (words) => {
    names.value = [...new Set(words)].join(MARK);
    draw();
    names.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const drop = (at) => {
    keep(all().filter((_word, index) => index !== at));
    input.focus();
  };
  const add = (text) => {
    const words = text.split(BETWEEN).map((word) => word.trim()).filter(Boolean);
    if (words.length) keep([...all(), ...words]);
    input.value = "";
  };

  const picker = attachPicker(box, (item) => {
    add(item.text);
    box.querySelector("[data-picked]").value = "";
  });
  input.addEventListener("keydown", (event) => {
    if (composing(event)) return;
    if (event.key === "Backspace" && !input.value && all().length) drop(all().length - 1);
    if (event.key === "Enter" && !(event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      if (!picker.open()) add(input.value); // typed or pasted as a whole: the server says which is none
    }
  });
  input.addEventListener("blur", () => setTimeout(() => !box.contains(document.activeElement) && add(input.value), 150));
  box.closest("form").addEventListener("submit", () => add(input.value), { capture: true });
  box.addEventListener("click", (event) => event.target.closest(".tokens-box") && !event.target.closest("button") && input.focus());
  names.addEventListener("refill", draw);
  draw();
}
