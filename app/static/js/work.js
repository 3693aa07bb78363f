// A worker's cards: camera, finish, pause. What is finished is kept on the phone until the server has it, both times with it.

import { tell } from "./notice.js";
import { send } from "./server.js";
import { json } from "./texts.js";

const RETRY = 20_000, LONGEST = 1600, QUALITY = 0.85;
const place = document.querySelector("[data-work]");
const words = json("work-texts") ?? {};
const put = (name, values) => (words[name] ?? name).replace(/\{(\w+)\}/g, (_all, key) => values[key] ?? "");
const clock = (moment) => new Date(moment).toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hour12: false });
const card = (id) => place.querySelector(`[data-card="${id}"]`);
const shots = new Map(); // order → {blob, at}

// ---- what waits to be sent, in the phone's own database ---------------------------------------------------------------

const asked = (request) => new Promise((done, failed) => {
  request.onsuccess = () => done(request.result);
  request.onerror = () => failed(request.error);
});

let opened;
function base() {
  opened ??= new Promise((done, failed) => {
    const request = indexedDB.open("work", 1);
    request.onupgradeneeded = () => request.result.createObjectStore("queue", { keyPath: "token" });
    request.onsuccess = () => done(request.result);
    request.onerror = () => failed(request.error);
  });
  return opened;
}

const store = async (mode) => (await base()).transaction("queue", mode).objectStore("queue");
const keep = async (item) => asked((await store("readwrite")).put(item));
const drop = async (token) => asked((await store("readwrite")).delete(token));
const mine = (item) => item.user === document.body.dataset.user;
const queue = async () => (await asked((await store("readonly")).getAll())).filter(mine).sort((one, other) => one.at - other.at);

async function drawQueue() {
  const waiting = await queue();
  const chip = place.querySelector('[data-show="queued"]');
  if (chip) {
    chip.hidden = waiting.length === 0;
    chip.querySelector("[data-cards-count]").textContent = waiting.length;
  }
  for (const each of place.querySelectorAll("[data-card]")) delete each.dataset.queued;
  for (const note of place.querySelectorAll("[data-queued-note]")) note.hidden = true;
  for (const item of waiting) {
    const there = card(item.order);
    if (!there) continue;
    there.dataset.queued = "1";
    if (item.act === "finish") {
      fold(there);
      there.querySelector("[data-acts]").hidden = true;
    }
    const note = there.querySelector("[data-queued-note]");
    note.hidden = false;
    note.querySelector("[data-queued-text]").textContent = put(item.act === "finish" ? "queued" : "photo_queued", { time: clock(item.at) });
  }
}

let sending = false;
async function sendAll() {
  if (sending) return;
  sending = true;
  try {
    for (const item of await queue()) if (!(await sendOne(item))) break;
  } finally {
    sending = false;
    await drawQueue();
  }
}

async function sendOne(item) {
  const body = new FormData();
  for (const [name, value] of Object.entries({ ...item.fields, token: item.token })) body.set(name, value);
  if (item.photo) body.append("photo", item.photo, `${item.number}-${item.at}.jpg`);
  const answer = await send(`/work/${item.act}/${item.order}`, body);
  if (answer.ok) {
    await drop(item.token);
    if (item.act === "finish") gone(item.order);
    tell(item.act === "finish" ? put("sent", item) : words.photo);
    return true;
  }
  if (answer.status === 401) tell(words.sign_in, { kind: "late" });
  if (![403, 404, 422].includes(answer.status)) return false; // no network, or the server is busy: later
  await drop(item.token);
  const there = card(item.order);
  if (there) {
    there.querySelector("[data-acts]").hidden = false;
    if (item.photo && item.act === "finish") unfold(there, item.photo, item.at);
    failed(there.querySelector("[data-finish-form]"), answer.message);
  }
  tell(put("refused", { message: answer.message }), { kind: "late" });
  return true;
}

async function enqueue(order, act, fields, photo, at = Date.now()) {
  const item = { token: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, user: document.body.dataset.user, order, number: card(order).dataset.number, act, fields, photo, at };
  await keep(item);
  await drawQueue();
  sendAll();
}

// ---- the cards ----------------------------------------------------------------------------------------------------------

const fold = (there) => {
  for (const form of there.querySelectorAll(".wform")) form.hidden = true;
  there.querySelector("[data-acts]").hidden = false;
  there.classList.remove("is-open");
};

function unfold(there, blob, at) {
  fold(there);
  const form = there.querySelector("[data-finish-form]");
  const picture = form.querySelector("[data-picture]");
  if (picture.src) URL.revokeObjectURL(picture.src);
  picture.src = URL.createObjectURL(blob);
  form.querySelector("[data-shot-time]").textContent = put("after", { time: clock(at) });
  shots.set(there.dataset.card, { blob, at });
  there.querySelector("[data-acts]").hidden = true;
  form.hidden = false;
  there.classList.add("is-open");
  there.scrollIntoView({ block: "start" });
}

function failed(form, message) {
  const error = form.querySelector("[data-form-error]");
  error.textContent = message;
  error.hidden = !message;
}

function gone(order) {
  const there = card(order);
  if (!there) return;
  for (const name of ["all", ...(("late" in there.dataset) ? ["late"] : []), ...(("today" in there.dataset) ? ["today"] : [])]) {
    const count = place.querySelector(`[data-cards-count="${name}"]`);
    if (count) count.textContent = Math.max(0, Number(count.textContent) - 1);
  }
  there.remove();
  place.querySelector("[data-none]").hidden = Boolean(place.querySelector("[data-card]"));
}

/** A photo small enough to travel: at most 1,600 points on its longer side; as it is where it cannot be drawn. */
async function smaller(file) {
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
    if (scale === 1) return file;
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(bitmap.width * scale);
    canvas.height = Math.round(bitmap.height * scale);
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    return (await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY))) ?? file;
  } catch {
    return file;
  }
}

async function shot(input) {
  const [file] = input.files;
  if (!file) return;
  const there = input.closest("[data-card]");
  const at = Date.now();
  const blob = await smaller(file);
  input.value = "";
  if (input.dataset.shot === "before") return enqueue(there.dataset.card, "photo", {}, blob, at);
  unfold(there, blob, at);
}

async function sendNow(there, act, body) {
  body.set("token", crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`);
  const answer = await send(`/work/${act}/${there.dataset.card}`, body);
  if (!answer.ok) {
    const form = there.querySelector("[data-pause-form]");
    if (act === "pause") failed(form, answer.message);
    else tell(answer.message, { kind: "late" });
    return;
  }
  tell(answer.message);
  fold(there);
  const label = there.querySelector("[data-state-label]");
  label.textContent = answer.state.label;
  label.className = `state is-${answer.state.colour}`;
  there.dataset.state = answer.state.code;
  if (act === "pause") there.querySelector("[data-pause]").remove();
  if (act === "accept") {
    for (const each of there.querySelectorAll("[data-accept], [data-before]")) each.remove();
    there.querySelector("[data-finish]").classList.replace("btn-default", "btn-primary");
  }
}

function finish(form) {
  const there = form.closest("[data-card]");
  const taken = shots.get(there.dataset.card);
  const typed = Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
  enqueue(there.dataset.card, "finish", { ...typed, done_at: new Date().toISOString() }, taken?.blob);
  shots.delete(there.dataset.card);
}

function pauseForm(there) {
  fold(there);
  const form = there.querySelector("[data-pause-form]");
  if (!form.elements.waiting_until.value) {
    const tomorrow = new Date(Date.now() + 86_400_000);
    tomorrow.setHours(9, 0, 0, 0);
    form.elements.waiting_until.value = new Date(tomorrow - tomorrow.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  }
  there.querySelector("[data-acts]").hidden = true;
  form.hidden = false;
  there.classList.add("is-open");
}

function show(which) {
  for (const chip of place.querySelectorAll("[data-show]")) {
    const on = chip.dataset.show === which;
    chip.classList.toggle("is-off", !on);
    chip.setAttribute("aria-pressed", String(on));
  }
  for (const each of place.querySelectorAll("[data-card]")) each.hidden = which !== "all" && !(which in each.dataset);
}

if (place) {
  place.addEventListener("change", (event) => event.target.matches("[data-shot]") && shot(event.target));
  place.addEventListener("click", (event) => {
    const there = event.target.closest("[data-card]");
    const chip = event.target.closest("[data-show]");
    if (chip) show(chip.dataset.show);
    else if (event.target.closest("[data-accept]")) sendNow(there, "accept", new FormData());
    else if (event.target.closest("[data-pause]")) pauseForm(there);
    else if (event.target.closest("[data-fold]")) fold(there);
  });
  place.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    if (form.matches("[data-finish-form]")) finish(form);
    else if (form.matches("[data-pause-form]")) sendNow(form.closest("[data-card]"), "pause", new FormData(form));
  });
  addEventListener("online", sendAll);
  setInterval(async () => (await queue()).length && sendAll(), RETRY);
  drawQueue().then(sendAll);
}
