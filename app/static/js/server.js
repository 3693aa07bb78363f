// Asks the server: JSON with the token against forgery. Says what went wrong in words, never throws away what was typed.

import { say } from "./texts.js";

const meta = () => document.querySelector('meta[name="csrf-token"]');

async function asked(url, options) {
  let answer;
  try {
    answer = await fetch(url, { credentials: "same-origin", ...options });
  } catch (problem) {
    if (problem.name === "AbortError") throw problem;
    return { ok: false, status: 0, message: say("offline") };
  }
  let body = {};
  try {
    body = await answer.json();
  } catch {
    body = {};
  }
  if (body.csrf_token && meta()) meta().content = body.csrf_token;
  const message = answer.status === 401 ? say("sign_in") : body.message || (answer.ok ? "" : say("not_saved"));
  return { ...body, ok: answer.ok && body.ok !== false, status: answer.status, fresh: Boolean(body.csrf_token), message };
}

const headers = (more = {}) => ({ Accept: "application/json", "X-Requested-With": "XMLHttpRequest", ...more });

/** Read; `signal` takes a question back that nobody waits for any more. */
export const ask = (url, signal) => asked(url, { headers: headers(), signal });

/** Write JSON; once more by itself where only the token was too old. */
export async function post(url, values) {
  const send = () =>
    asked(url, {
      method: "POST",
      headers: headers({ "Content-Type": "application/json", "X-CSRFToken": meta()?.content ?? "" }),
      body: JSON.stringify(values),
    });
  const answer = await send();
  return answer.status === 400 && answer.fresh ? send() : answer;
}

/** Write a form's fields or a file; the answer is JSON. Once more by itself where only the token was too old. */
export async function send(url, body) {
  const once = () => asked(url, { method: "POST", headers: headers({ "X-CSRFToken": meta()?.content ?? "" }), body });
  body.delete("csrf_token"); // the page's own may have been renewed since the form was drawn
  const answer = await once();
  return answer.status === 400 && answer.fresh ? once() : answer;
}

/** Write a form's fields as they are; what comes back is the answer itself. */
export const postForm = (url, body) =>
  fetch(url, { method: "POST", credentials: "same-origin", body, headers: { Accept: "text/html" } });

export const page = (url) => fetch(url, { credentials: "same-origin", headers: { Accept: "text/html" } });
