// A callback at the door: the signature drawn with finger, pen or mouse, sent as a picture with what was answered.

import { send } from "./server.js";

const form = document.querySelector("[data-visit]");
const pad = document.querySelector("[data-sign]");
let drawn = false;

function startPad() {
  const pen = pad.getContext("2d");
  const place = (event) => {
    const box = pad.getBoundingClientRect();
    return [((event.clientX - box.left) * pad.width) / box.width, ((event.clientY - box.top) * pad.height) / box.height];
  };
  const wipe = () => {
    pen.fillStyle = "#fff"; // paper: the picture is kept as it is seen, whatever the theme
    pen.fillRect(0, 0, pad.width, pad.height);
    pen.strokeStyle = "#111";
    pen.lineWidth = 4;
    pen.lineCap = pen.lineJoin = "round";
    drawn = false;
  };
  wipe();
  pad.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    pad.setPointerCapture(event.pointerId);
    pen.beginPath();
    pen.moveTo(...place(event));
  });
  pad.addEventListener("pointermove", (event) => {
    if (!pad.hasPointerCapture(event.pointerId)) return;
    pen.lineTo(...place(event));
    pen.stroke();
    drawn = true;
  });
  document.querySelector("[data-wipe]").addEventListener("click", wipe);
}

function refuse(answer) {
  const place = form.querySelector("[data-form-error]");
  place.textContent = answer.message;
  place.hidden = false;
  const name = Object.keys(answer.errors ?? {})[0];
  (name === "signature" ? pad : form.elements[name])?.focus?.();
}

if (form) {
  startPad();
  form.addEventListener("change", (event) => {
    if (event.target.name === "outcome") form.querySelector("[data-cause]").hidden = event.target.value !== "dissatisfied";
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("[data-send]");
    button.disabled = true;
    const body = new FormData(form);
    if (drawn) body.set("signature", await new Promise((done) => pad.toBlob(done, "image/png")), "signature.png");
    const answer = await send(form.getAttribute("action"), body);
    button.disabled = false;
    if (answer.ok) return location.assign(answer.url);
    refuse(answer);
  });
}
