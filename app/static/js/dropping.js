// A workbook dropped on a list or on the workbench begins its import; a key opens the computer's own chooser for it.

import { tell } from "./notice.js";
import { send } from "./server.js";
import { make, say } from "./texts.js";

const ENDINGS = ".xlsx,.xlsm,.xls,.csv";
let chooser = null;

const place = () => document.querySelector("[data-import-drop]");

export function startDropping() {
  const main = document.querySelector("main");
  if (!place() || !main) return;
  const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  main.addEventListener("dragover", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    place().classList.add("is-drop");
  });
  main.addEventListener("dragleave", () => place().classList.remove("is-drop"));
  main.addEventListener("drop", (event) => {
    if (!carries(event)) return;
    event.preventDefault();
    place().classList.remove("is-drop");
    bring(event.dataTransfer.files[0]);
  });
}

/** Ask for the file, where this page takes one. */
export function chooseWorkbook() {
  if (!place()) return;
  chooser ??= make("input", { type: "file", accept: ENDINGS, onchange: () => bring(chooser.files[0]) });
  chooser.value = "";
  chooser.click();
}

async function bring(file) {
  if (!file) return;
  const body = new FormData();
  body.set("file", file);
  body.set("register", place().dataset.importDrop);
  tell(say("uploading", { name: file.name }));
  const answer = await send(place().dataset.importUrl, body);
  if (answer.ok) location.assign(answer.url);
  else tell(answer.message, { kind: "late" });
}
