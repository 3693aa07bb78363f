// The import's first page: a workbook dropped anywhere on it, or chosen, goes off by itself.

const form = document.querySelector("form[data-import]");
const input = form?.querySelector('input[type="file"]');

input?.addEventListener("change", () => input.files.length && form.requestSubmit());

document.addEventListener("dragover", (event) => form && event.preventDefault());
document.addEventListener("drop", (event) => {
  if (!form || !event.dataTransfer?.files.length) return;
  event.preventDefault();
  input.files = event.dataTransfer.files;
  form.requestSubmit();
});
