// The form of an added field: shows only the inputs that the chosen kind has. Without script all of them stand there.

const form = document.querySelector("[data-field-form]");
const kind = form?.elements.kind;
const list = form?.elements.list_name;

function show() {
  for (const place of form.querySelectorAll("[data-only]")) {
    const mine = place.dataset.only.split(" ").includes(kind.value);
    place.hidden = !mine || ("newList" in place.dataset && list?.value !== "+");
    if (!place.hidden) continue;
    for (const box of place.querySelectorAll("input[type=checkbox]")) box.checked = false;
    for (const select of place.querySelectorAll("[name=mask]")) select.value = "";
  }
}

if (kind) {
  form.addEventListener("change", show);
  show();
}
