// Jobs: a page or row that shows one asks how far it is until it is over; the top bar says that one runs.

import { ask } from "./server.js";

const PAUSE = 1000; // between two questions
const IDLE = 60_000; // where nothing is known to run, the top bar asks at most so often
const SEEN = "jobs-seen";

let watching = false;

const sleep = (time) => new Promise((done) => setTimeout(done, time));

function put(place, name, text) {
  const node = place.querySelector(`[data-job-${name}]`);
  if (node) node.textContent = text;
}

/** Follow one job where it is shown; its own page is drawn anew when it is over. */
async function follow(place) {
  for (;;) {
    await sleep(document.hidden ? 5 * PAUSE : PAUSE);
    const told = await ask(place.dataset.job);
    if (!told.ok) {
      if (told.status === 401 || told.status === 404) return;
      continue;
    }
    put(place, "counts", told.counts);
    put(place, "text", told.text);
    const state = place.querySelector("[data-job-state] > .state, .state[data-job-state]");
    if (state) {
      state.textContent = told.label;
      state.className = `state is-${told.colour}`;
    }
    const bar = place.querySelector("[data-job-bar]");
    if (bar) bar.value = told.percent;
    if (!told.over) continue;
    if ("jobPage" in place.dataset) location.reload();
    return;
  }
}

/** The small item in the top bar: there while one of mine runs. */
async function watch() {
  const item = document.querySelector("[data-jobs]");
  if (!item || watching) return;
  const seen = Number(localStorage.getItem(SEEN) ?? 0);
  if (Date.now() - seen < IDLE) return;
  watching = true;
  for (;;) {
    const told = await ask(item.dataset.jobs);
    const [first] = told.jobs ?? [];
    item.hidden = !first;
    if (!first) {
      if (told.ok) localStorage.setItem(SEEN, Date.now());
      watching = false;
      return;
    }
    localStorage.removeItem(SEEN);
    item.href = told.jobs.length > 1 ? told.url : first.url;
    item.title = first.title;
    item.querySelector("[data-jobs-text]").textContent = first.counts ? `${first.percent} %` : first.label;
    await sleep(document.hidden ? 10 * PAUSE : 2 * PAUSE);
  }
}

/** Something was queued just now: the top bar is to say so. */
export function begun() {
  localStorage.removeItem(SEEN);
  watch();
}

export function startJobs() {
  const places = document.querySelectorAll("[data-job]");
  if (places.length) localStorage.removeItem(SEEN);
  for (const place of places) follow(place);
  watch();
}
