// A filter slides: pick any place of the map, and see where its number comes from.
import { button, choice, make, signed } from "./dom.js";
import { cutOut, frame, inkOf, SIDE, table } from "./frame.js";
import { convolved, pooled } from "./network.js";
import { asSeen, glow, paint, redBlue } from "./paint.js";
import { drawStrokes, listen, PAD, sample } from "./strokes.js";

const SIZE = 3;
const FILTERS = {
  upright: ["upright edges", [-1, 0, 1, -1, 0, 1, -1, 0, 1]],
  level: ["level edges", [-1, -1, -1, 0, 0, 0, 1, 1, 1]],
  slanted: ["a slant", [0, 1, 2, -1, 0, 1, -2, -1, 0]],
  blur: ["blur", [1, 1, 1, 1, 1, 1, 1, 1, 1].map((one) => one / 9)],
  dots: ["ends and corners", [-1, -1, -1, -1, 8, -1, -1, -1, -1].map((each) => each / 4)],
};
const ARROWS_OF_MAP = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
};
const ZOOM = 10; // pixels of the drawing for each of the picture's

/** Put picture, filter and map into their place. */
export function startFilter(place) {
  const strokes = sample(7);
  const state = {
    weights: [...FILTERS.upright[1]],
    row: 0,
    column: 0,
    picture: new Float32Array(SIDE * SIDE),
  };
  const view = viewOf(state, () => update());
  const update = () => show(view, state);
  const redraw = () => {
    const context = view.pad.getContext("2d", { willReadFrequently: true });
    drawStrokes(context, strokes);
    const ink = cutOut(inkOf(context.getImageData(0, 0, PAD, PAD)));
    state.picture = Float32Array.from(
      ink ? frame(ink) : new Uint8Array(SIDE * SIDE),
      (byte) => byte / 255,
    );
    update();
  };
  listen(view.pad, strokes, redraw);
  const named = Object.entries(FILTERS).map(([name, [text]]) => [name, text]);
  const choose = (name) => {
    state.weights = [...FILTERS[name][1]];
    view.cells.forEach((cell, i) => (cell.value = shortened(state.weights[i])));
    update();
  };
  for (let digit = 0; digit < 10; digit++) {
    const draw = () => (strokes.splice(0, Infinity, ...sample(digit)), redraw());
    view.samples.append(button(String(digit), draw, { "aria-label": `Draw a ${digit}` }));
  }
  view.clear.addEventListener("click", () => ((strokes.length = 0), redraw()));
  point(view.map, state, update);
  point(view.picture, state, update);
  place.append(view.samples, choice("filter", named, "upright", choose), view.columns);
  redraw();
  lookAtMost(state);
  update();
}

/** Begin where the map is largest. */
function lookAtMost(state) {
  const map = mapOf(state);
  const place = map.indexOf(map.reduce((a, b) => Math.max(a, b)));
  [state.row, state.column] = [Math.floor(place / SIDE), place % SIDE];
}

/** What the filter makes of the picture. */
function mapOf({ weights, picture }) {
  const layer = { inputs: 1, outputs: 1, kernel: [SIZE, SIZE], edge: [1, 1], weight: weights };
  return convolved(layer, table(SIDE, SIDE, picture)).values;
}

/** Everything that is seen. */
function viewOf(state, update) {
  const drawing = (className, label) =>
    make("canvas", { className, role: "img", "aria-label": label });
  const pad = make("canvas", {
    width: PAD,
    height: PAD,
    className: "pad small",
    tabIndex: 0,
    role: "application",
    "aria-label":
      "Drawing area for the filter. Arrows move the pen, Space puts it down or lifts it.",
  });
  const picture = drawing("big", "The picture, and on it the window of the filter");
  const map = make("canvas", {
    className: "big",
    tabIndex: 0,
    role: "application",
    "aria-label": "Feature map. Arrow keys move the place that is looked at.",
  });
  const rectified = drawing("pixels", "The map after ReLU: what is below 0 became 0");
  const small = drawing("pixels", "The map after pooling: 14 x 14");
  const cells = state.weights.map((value, i) => cellFor(value, i, state, update));
  const clear = button("Clear", () => {});
  const samples = make("div", {
    className: "samples",
    role: "group",
    "aria-label": "Digits for the filter",
  });
  const products = make("table", { className: "products" });
  const words = make("output", { className: "words" });
  const figure = (canvas, text) => make("figure", {}, canvas, make("figcaption", {}, text));
  const columns = make(
    "div",
    { className: "filter" },
    make(
      "div",
      {},
      figure(pad, "draw here, or pick one above"),
      make("div", { className: "below" }, clear),
    ),
    figure(picture, "the picture; the window is where the filter lies"),
    figure(map, "the feature map, red above 0, blue below: pick any place of it"),
    make(
      "div",
      {},
      make(
        "div",
        { className: "weights-table", role: "group", "aria-label": "The nine weights" },
        ...cells,
      ),
      make("p", { className: "hint" }, "nine weights: change them"),
    ),
    make("div", { className: "sum" }, products, words),
    make("div", { className: "pair" }, figure(rectified, "after ReLU"), figure(small, "pooled")),
  );
  return { pad, picture, map, rectified, small, cells, clear, samples, products, words, columns };
}

/** A weight that can be changed. */
function cellFor(value, i, state, update) {
  const name = `weight in row ${Math.floor(i / SIZE) + 1}, column ${(i % SIZE) + 1}`;
  const cell = make("input", {
    type: "number",
    step: 0.5,
    value: shortened(value),
    "aria-label": name,
  });
  cell.addEventListener("input", () => {
    state.weights[i] = Number(cell.value) || 0;
    update();
  });
  return cell;
}

/** A number with two places at most. */
function shortened(value) {
  return String(Math.round(100 * value) / 100);
}

/** Look at the place under the pointer, or move by arrow keys. */
function point(canvas, state, update) {
  const go = (row, column) => {
    [state.row, state.column] = [row, column].map((each) => Math.max(0, Math.min(SIDE - 1, each)));
    update();
  };
  const follow = (event) => {
    const box = canvas.getBoundingClientRect();
    go(
      Math.floor(((event.clientY - box.top) / box.height) * SIDE),
      Math.floor(((event.clientX - box.left) / box.width) * SIDE),
    );
  };
  canvas.addEventListener("pointermove", follow);
  canvas.addEventListener("pointerdown", follow);
  canvas.addEventListener("keydown", (event) => {
    const arrow = ARROWS_OF_MAP[event.key];
    if (!arrow) return;
    event.preventDefault();
    go(state.row + arrow[0], state.column + arrow[1]);
  });
}

/** The nine pixels under the filter; beyond the edge there are zeros. */
function windowAt({ picture, row, column }) {
  return Array.from({ length: SIZE * SIZE }, (_, i) => {
    const [y, x] = [row + Math.floor(i / SIZE) - 1, column + (i % SIZE) - 1];
    return y < 0 || x < 0 || y >= SIDE || x >= SIDE ? 0 : picture[y * SIDE + x];
  });
}

/** Compute the maps, and explain the number that is picked. */
function show(view, state) {
  const map = mapOf(state);
  const rectified = map.map((value) => Math.max(value, 0));
  const most = Math.max(
    1,
    map.reduce((a, b) => Math.max(a, Math.abs(b)), 0),
  );
  large(
    view.picture,
    state.picture.map((value) => 255 * value),
    asSeen,
    state,
    SIZE,
  );
  large(view.map, map, redBlue(most), state, 1);
  paint(view.rectified, rectified, SIDE, glow(most));
  const small = pooled(table(SIDE, SIDE, rectified), 1, [2, 2]);
  paint(view.small, small.values, small.wide, glow(most));
  explain(view, state, map[state.row * SIDE + state.column]);
}

/** A picture enlarged, with a frame around so many pixels. */
function large(canvas, values, colour, { row, column }, size) {
  const small = document.createElement("canvas");
  paint(small, values, SIDE, colour);
  canvas.width = canvas.height = SIDE * ZOOM;
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, SIDE * ZOOM, SIDE * ZOOM);
  const from = (size - 1) / 2;
  Object.assign(context, { lineWidth: 3, strokeStyle: "#e69f00" });
  context.strokeRect((column - from) * ZOOM, (row - from) * ZOOM, size * ZOOM, size * ZOOM);
}

/** Nine products and their sum. */
function explain({ products, words }, state, sum) {
  const pixels = windowAt(state);
  const rows = Array.from({ length: SIZE }, (_, row) =>
    make(
      "tr",
      {},
      ...Array.from({ length: SIZE }, (_, column) => {
        const i = row * SIZE + column;
        return make(
          "td",
          { className: pixels[i] && state.weights[i] ? "counts" : "" },
          `${signed(shortened(state.weights[i]))} × ${pixels[i].toFixed(2)}`,
        );
      }),
    ),
  );
  products.replaceChildren(...rows);
  const kept = Math.max(sum, 0);
  words.textContent = `Row ${state.row}, column ${state.column}: the nine products add up to ${signed(sum.toFixed(2))}; ReLU makes that ${kept.toFixed(2)}.`;
}
