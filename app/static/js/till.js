// The till: what is ticked is summed, the amount follows it until somebody types another.

import { startPickers } from "./picker.js";

const pick = document.querySelector("[data-till-pick]");
startPickers(pick);
pick.querySelector("[data-picked]").addEventListener("change", () => pick.requestSubmit());

const form = document.querySelector("[data-till]");
if (form) {
  const amount = form.querySelector("[data-amount]");
  const ticked = form.querySelector("[data-ticked]");
  const fen = (text) => Math.round(Number(text) * 100);
  const sum = () => [...form.querySelectorAll("[name=bill]:checked")].reduce((all, box) => all + fen(box.dataset.left), 0);
  let typed = fen(amount.value) !== sum();
  amount.addEventListener("input", () => (typed = amount.value !== ""));
  form.addEventListener("change", (event) => {
    if (event.target.name !== "bill") return;
    const yuan = (sum() / 100).toFixed(2);
    ticked.textContent = Number(yuan).toLocaleString("en", { minimumFractionDigits: 2 });
    if (!typed) amount.value = yuan;
  });
}
