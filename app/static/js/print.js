// Opens the browser's print dialog once the sheet is drawn.
addEventListener("load", () => window.print());
