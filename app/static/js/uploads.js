// Files onto a record: several at once, with how far they are; a refusal is said and the page stays as it is.

import { tell } from "./notice.js";
import { look } from "./sheet.js";
import { say, texts } from "./texts.js";

/** Hear the forms that attach files. */
export function startUploads() {
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-upload]");
    if (!form || event.defaultPrevented) return;
    event.preventDefault();
    send(form);
  });
}

function send(form) {
  const body = new FormData(form);
  const chosen = body.getAll("file").filter((file) => file.size || file.name);
  body.delete("file");
  for (const file of chosen) body.append("file", file); // the input that was left empty sends no empty file
  const bar = form.querySelector("progress");
  const asked = new XMLHttpRequest();
  asked.open("POST", form.action);
  asked.setRequestHeader("Accept", "application/json");
  asked.setRequestHeader("X-CSRFToken", document.querySelector('meta[name="csrf-token"]')?.content ?? "");
  asked.upload.addEventListener("progress", (event) => {
    bar.hidden = false;
    if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total;
  });
  const end = (message) => {
    bar.hidden = true;
    form.reset();
    tell(message, { kind: "late" });
  };
  asked.addEventListener("error", () => end(say("offline")));
  asked.addEventListener("load", () => {
    const told = read(asked.responseText);
    if (asked.status === 401) return end(texts.sign_in);
    if (asked.status === 413) return end(told.message || texts.too_large);
    if (asked.status >= 300 || !told.ok) return end(told.message || texts.not_saved);
    const record = form.closest("[data-sheet]")?.querySelector("[data-record]");
    if (record) {
      tell(told.message);
      return look(`/${record.dataset.resource}/show/${record.dataset.id}`);
    }
    sessionStorage.setItem("said", told.message);
    return location.reload();
  });
  asked.send(body);
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
