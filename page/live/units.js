// Pick a hidden unit or a map, and see the weights behind it: what it looks for.
import { make } from "./dom.js";
import { paint, redBlue } from "./paint.js";

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** How many units, or maps, are shown in a row. */
export function across({ kind }) {
  return kind === "linear" ? 16 : 8;
}

/** A figure that shows the weights of the unit that is picked in a canvas. */
export function unitsOf(canvas) {
  const picture = make("canvas", { className: "pixels", role: "img" });
  const caption = make("figcaption", { "aria-live": "polite" });
  let [unit, layer] = [0, null];
  const choose = (chosen) => {
    if (chosen < 0 || chosen >= layer.outputs) return;
    unit = chosen;
    showUnit(picture, caption, layer, unit);
  };
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "application");
  canvas.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow) return;
    event.preventDefault();
    choose(unit + arrow[0] + arrow[1] * across(layer));
  });
  for (const kind of ["pointermove", "pointerdown"])
    canvas.addEventListener(kind, (event) => choose(unitAt(canvas, layer, event)));
  const look = (fresh) => {
    if (fresh === layer) return;
    layer = fresh;
    choose(0);
  };
  return { figure: make("figure", {}, picture, caption), look };
}

/** Which unit lies under the pointer. */
function unitAt(canvas, layer, { clientX, clientY }) {
  const box = canvas.getBoundingClientRect();
  const rows = Math.ceil(layer.outputs / across(layer));
  const column = Math.floor(((clientX - box.left) / box.width) * across(layer));
  return Math.floor(((clientY - box.top) / box.height) * rows) * across(layer) + column;
}

/** Its weights as a picture: red where ink speaks for it, blue where ink speaks against it. */
function showUnit(picture, caption, { kind, outputs, weight }, unit) {
  const isLinear = kind === "linear";
  const own = weight.filter((_, i) => i % outputs === unit);
  const most = own.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  paint(picture, own, Math.sqrt(own.length), redBlue(most));
  caption.textContent = `${isLinear ? "unit" : "the filter of map"} ${unit + 1} wants ink at red, none at blue`;
  picture.setAttribute("aria-label", caption.textContent);
}
