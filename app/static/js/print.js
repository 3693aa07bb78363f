// Opens the browser's print dialog once the sheet is drawn, and again by its button.
document.querySelector("[data-print-now]")?.addEventListener("click", () => window.print());
addEventListener("load", () => window.print());
