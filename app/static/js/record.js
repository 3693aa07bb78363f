// A record's page: files dropped on it are attached, its small tables are edited in place.

import { startQuickEdit } from "./quickedit.js";
import { tell } from "./notice.js";
import { startPresence } from "./presence.js";
import { say } from "./texts.js";

startQuickEdit(document);
const others = document.querySelector("[data-presence]");
if (others) startPresence(others);

for (const form of document.querySelectorAll("[data-upload]")) {
  const input = form.querySelector('input[type="file"]');
  const panel = form.closest(".panel");
  const over = (yes) => (event) => {
    if (![...(event.dataTransfer?.types ?? [])].includes("Files")) return;
    event.preventDefault();
    panel.classList.toggle("is-drop", yes);
  };
  panel.addEventListener("dragover", over(true));
  panel.addEventListener("dragleave", over(false));
  panel.addEventListener("drop", (event) => {
    over(false)(event);
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    tell(say("uploading", { name: [...input.files].map((file) => file.name).join("、") }));
    form.requestSubmit();
  });
}
