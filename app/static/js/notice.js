// Says what happened at the foot of the window, and asks for a reason or a yes. Knows nothing of records.

import { icon, make, say, texts } from "./texts.js";

const SHOWN = 6000;

/** A line that goes by itself; `action` is [label, function] such as 撤销. */
export function tell(message, { kind = "", action = null } = {}) {
  const place = document.querySelector("[data-toasts]");
  if (!place || !message) return;
  const line = make("div", { class: `toast-bar${kind ? ` is-${kind}` : ""}`, role: kind === "late" ? "alert" : "status" });
  line.append(icon(kind === "late" ? "exclamation-octagon" : "check2-circle"), make("span", {}, message));
  if (action) {
    const run = () => {
      line.remove();
      action[1]();
    };
    line.append(make("button", { type: "button", class: "link push", onclick: run }, action[0]));
  }
  place.append(line);
  setTimeout(() => line.remove(), kind === "late" ? SHOWN * 2 : SHOWN);
}

function dialog(title, body, label) {
  return new Promise((done) => {
    const box = make("dialog", { class: "ask", "aria-label": title });
    const form = make("form", { method: "dialog", class: "stack" }, make("h2", {}, title), ...body);
    const cancel = make("button", { type: "button", class: "btn btn-text", onclick: () => box.close("") }, texts.cancel);
    form.append(make("div", { class: "row-x" }, make("button", { class: "btn btn-primary", value: "yes" }, label), cancel));
    box.append(form);
    box.addEventListener("close", () => {
      box.remove();
      done(box.returnValue === "yes");
    });
    document.body.append(box);
    box.showModal();
  });
}

export const confirmed = (question) => dialog(question, [], say("ok"));

/** A reason, or null where it was not given. */
export async function reason(title, note = "") {
  const words = make("textarea", { class: "form-control", rows: 3, maxlength: 200, required: true, "aria-label": texts.reason });
  const body = [make("div", { class: "field" }, make("label", {}, make("span", { class: "req" }, texts.reason)), words)];
  if (note) body.push(make("p", { class: "s meta" }, note));
  return (await dialog(title, body, say("ok"))) && words.value.trim() ? words.value.trim() : null;
}

/** The list of keys. */
export function showKeys() {
  const list = make("dl", { class: "keys-list" });
  for (const [key, what] of texts.keys ?? []) {
    list.append(make("dt", {}, make("kbd", { class: "key" }, key)), make("dd", {}, what));
  }
  const on = make("input", { type: "checkbox", class: "form-check-input", checked: keysOn() });
  on.addEventListener("change", () => localStorage.setItem("keys", on.checked ? "on" : "off"));
  const box = make("dialog", { class: "ask", "aria-label": texts.keys_title });
  const close = make("button", { type: "button", class: "btn btn-default", onclick: () => box.close() }, texts.close);
  box.append(make("div", { class: "stack" }, make("h2", {}, texts.keys_title), list, make("label", { class: "row-x" }, on, texts.keys_on), make("div", {}, close)));
  box.addEventListener("close", () => box.remove());
  document.body.append(box);
  box.showModal();
}

export const keysOn = () => document.body.dataset.keys !== "off" && localStorage.getItem("keys") !== "off";
