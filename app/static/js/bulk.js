// The questions of a bulk change: a ticked field is opened and its first input focused, pickers answer.

import { startPickers } from "./picker.js";

const form = document.querySelector("[data-bulk-form]");

form?.addEventListener("change", (event) => {
  if (event.target.name !== "change" || !event.target.checked) return;
  event.target.closest(".bulk-field").querySelector(".field :is(input:not([type=hidden]), select, textarea)")?.focus();
});
if (form) startPickers(form);
