// Signing in and sending from the board (hands.md J3): proposals, digits for departments, letters for people, dragging.

import { mark } from "./keys.js";
import { post } from "./server.js";
import { make } from "./texts.js";

export function startHanding({ board, state, rows, current, words, dress, changed, sayRefused, drawTicks }) {
  const part = () => board.querySelector('[data-part="rows"]');
  const waits = () => part()?.dataset.waits === "1";
  const houses = () => JSON.parse(part()?.dataset.house || "{}").departments ?? [];
  const proposal = (row) => JSON.parse(row.dataset.proposal ?? "{}");

  /** To whom a row goes: as chosen here, else as proposed. */
  const whom = (row) => {
    const said = proposal(row);
    return state.whom.get(row.dataset.id) ?? { department: said.department, person: said.person };
  };

  /** The chip of a row: department and person, each a list to choose from; under it why. */
  function chip(row, known) {
    const place = row.querySelector("[data-whom]");
    if (!place) return;
    const to = whom(row);
    const said = proposal(row);
    const house = known.find((each) => each.id === to.department);
    const choose = (label, list, chosen, take) => {
      const box = make("select", { "aria-label": label });
      for (const each of list) box.append(make("option", { value: each.id, selected: each.id === chosen }, each.name));
      box.addEventListener("change", () => take(Number(box.value)));
      return box;
    };
    const empty = { id: 0, name: words.no_department };
    const departments = choose(words.no_department, [...(house ? [] : [empty]), ...known], to.department, (id) => set(row, { department: id, person: 0 }));
    const people = choose(words.nobody, [{ id: 0, name: words.nobody }, ...(house?.people ?? [])], to.person, (id) => set(row, { ...to, person: id }));
    const same = !state.whom.has(row.dataset.id);
    place.replaceChildren(
      make("span", { class: `to-chip${state.ticked.has(row.dataset.id) ? " is-on" : ""}${house ? "" : " is-open"}` }, departments, house ? people : ""),
      same && said.why ? make("span", { class: "sub" }, said.why) : "",
    );
  }

  function set(row, to, tick = true) {
    state.whom.set(row.dataset.id, to);
    if (tick) state.ticked.add(row.dataset.id);
    dress();
  }

  function drawFoot() {
    const foot = board.querySelector("[data-hand-foot]");
    if (!foot) return;
    foot.hidden = !state.ticked.size;
    foot.querySelector("[data-hand-text]").textContent = (words.hand_over ?? "").replace("{count}", state.ticked.size);
  }

  const ready = (row) => Boolean(whom(row).department);

  async function send(chosen) {
    const sent = chosen.map((row) => {
      const to = whom(row);
      return { id: Number(row.dataset.id), version: Number(row.dataset.version), department_id: to.department || null, assignee_id: to.person || null };
    });
    const button = board.querySelector("[data-hand-over]");
    if (button) button.disabled = true;
    const answer = await post("/board/hand_over", { rows: sent });
    if (button) button.disabled = false;
    sayRefused(answer);
    if (!answer.ok) return;
    for (const row of chosen) state.ticked.delete(row.dataset.id);
    await changed(answer.message, answer.undo_url);
  }

  board.addEventListener("click", (event) => {
    if (event.target.closest("[data-all-proposed]")) {
      for (const row of rows()) if (ready(row)) state.ticked.add(row.dataset.id);
      dress();
    }
    if (event.target.closest("[data-hand-over]")) send(rows().filter((row) => state.ticked.has(row.dataset.id)));
  });

  // ---- dragging a card onto a department ----

  let lifted = null;
  board.addEventListener("dragstart", (event) => {
    lifted = event.target.closest?.(".kcard[data-row]");
    if (!lifted) return;
    lifted.classList.add("is-dragged");
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", lifted.dataset.number);
  });
  board.addEventListener("dragend", () => {
    lifted?.classList.remove("is-dragged");
    for (const each of board.querySelectorAll(".is-drop")) each.classList.remove("is-drop");
    lifted = null;
  });
  board.addEventListener("dragover", (event) => {
    const column = lifted && event.target.closest("[data-target]");
    for (const each of board.querySelectorAll(".is-drop")) if (each !== column) each.classList.remove("is-drop");
    if (!column || column === lifted.closest("[data-column]")) return;
    event.preventDefault();
    column.classList.add("is-drop");
  });
  board.addEventListener("drop", (event) => {
    const column = lifted && event.target.closest("[data-target]");
    if (!column) return;
    event.preventDefault();
    const row = lifted;
    column.classList.remove("is-drop");
    row.classList.remove("is-dragged");
    if (waits()) {
      const to = Number(column.dataset.target);
      set(row, { department: to, person: whom(row).department === to ? whom(row).person : 0 }, false);
      send([row]);
    } else row.querySelector('[data-step="reassign"]')?.click();
  });

  // ---- keys ----

  function next() {
    const all = rows();
    const following = all[Math.min(all.indexOf(current()) + 1, all.length - 1)];
    if (following) mark(following);
  }

  function pressed(event) {
    const row = current();
    if (!waits() || !row || !board.contains(row)) return false;
    const known = houses();
    const department = known.find((each) => each.key === event.key);
    if (department) {
      set(row, { department: department.id, person: proposal(row).department === department.id ? proposal(row).person : 0 });
      next();
      return true;
    }
    const here = known.find((each) => each.id === whom(row).department);
    const person = here?.people.find((each) => each.key === event.key.toUpperCase());
    if (!person) return false;
    set(row, { department: here.id, person: person.id });
    next();
    return true;
  }

  return {
    dress() {
      if (!waits()) return;
      const known = houses();
      for (const row of rows()) chip(row, known);
    },
    drawFoot,
    pressed,
    ticks: () => drawTicks(),
  };
}
