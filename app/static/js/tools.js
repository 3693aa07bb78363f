// What the panels of a register's list hold: columns, filters, editors of cells, steps. Asked for once, when first needed.

import { tell } from "./notice.js";
import { ask } from "./server.js";

const asked = new Map();

/** The panels of a register, by the address where they are asked for; {} where the server gives none. */
export function tools(url) {
  if (!asked.has(url)) {
    asked.set(
      url,
      ask(url).then((answer) => {
        if (answer.ok) return answer;
        asked.delete(url);
        tell(answer.message, { kind: "late" });
        return {};
      }),
    );
  }
  return asked.get(url);
}

/** Where a list's own panels are asked for: with its arguments, so that the titles of chosen rows come along. */
export const toolsUrl = (list) => `${list.dataset.toolsUrl}?${list.dataset.args}`;

/** Ask as soon as somebody reaches for a panel, so that it opens at once. */
export function warm(list) {
  const reach = (event) => event.target.closest?.("[data-drop] > summary, .chip") && tools(toolsUrl(list));
  list.addEventListener("pointerover", reach);
  list.addEventListener("focusin", reach);
}

/** Fill a drop's panel when it opens for the first time. */
export function whenOpened(list, selector, fill) {
  const drop = list.querySelector(selector);
  drop?.addEventListener("toggle", async () => {
    if (!drop.open || drop.dataset.filled) return;
    drop.dataset.filled = "1";
    const told = await tools(toolsUrl(list));
    if (told.ok) fill(drop, told);
    else delete drop.dataset.filled;
  });
}
