// The pad: draw a digit, and watch what a network makes of it while you draw.
import { button, choice, make, oncePerFrame, percent } from "./dom.js";
import { cutOut, frame, inkOf, SIDE } from "./frame.js";
import { reading } from "./network.js";
import { asSeen, glow, mosaic, paint } from "./paint.js";
import { drawStrokes, listen, PAD, sample } from "./strokes.js";
import { across, unitsOf } from "./units.js";

const NAMES = { mlp: "the tutorial's MLP", cnn: "the CNN that practised on photographs" };

/** Put a pad into its place; `tell` is told of each framed picture, or null if there is none. */
export function startPad(place, { networks }, tell = () => {}) {
  const strokes = [];
  const view = viewOf(place);
  const names = Object.keys(networks);
  let name = place.dataset.network ?? names[0];
  const update = oncePerFrame(() => {
    const context = view.pad.getContext("2d", { willReadFrequently: true });
    drawStrokes(context, strokes);
    const ink = cutOut(inkOf(context.getImageData(0, 0, PAD, PAD)));
    const framed = ink && frame(ink);
    show(view, networks[name], framed);
    tell(framed);
    showPen(view.pad, context);
    view.undo.disabled = view.clear.disabled = !strokes.length;
  });
  view.undo.addEventListener("click", () => (strokes.pop(), update()));
  view.clear.addEventListener("click", () => ((strokes.length = 0), update()));
  const choose = (chosen) => {
    name = chosen;
    update();
  };
  const named = names.map((each) => [each, NAMES[each]]);
  if (names.length > 1) view.tools.append(choice("read by", named, name, choose));
  for (let digit = 0; digit < 10; digit++) {
    const draw = () => (strokes.splice(0, Infinity, ...sample(digit)), update());
    view.samples.append(button(String(digit), draw, { "aria-label": `Draw a ${digit}` }));
  }
  listen(view.pad, strokes, update);
  update();
}

/** All that is seen of a pad. */
function viewOf(place) {
  const pad = make("canvas", {
    width: PAD,
    height: PAD,
    className: "pad",
    tabIndex: 0,
    role: "application",
    "aria-label":
      "Drawing area. Draw a digit with mouse, pen or finger; or by keys: arrows move the pen, Space puts it down or lifts it.",
  });
  const undo = button("Undo", () => {});
  const clear = button("Clear", () => {});
  const tools = make("div", { className: "tools-row" });
  const samples = make("div", {
    className: "samples",
    role: "group",
    "aria-label": "Digits to try",
  });
  const picture = make("canvas", {
    className: "pixels",
    role: "img",
    "aria-label": "The picture of 28 x 28 pixels that the network gets",
  });
  const inside = [0, 1].map(() => make("canvas", { className: "pixels inside", role: "img" }));
  const captions = inside.map(() => make("figcaption"));
  const units = unitsOf(inside[0]);
  const answer = make("output", { className: "answer" });
  const bars = Array.from({ length: 10 }, (_, digit) => barFor(digit));
  place.append(
    make(
      "div",
      { className: "columns" },
      make(
        "div",
        { className: "column" },
        pad,
        make(
          "div",
          { className: "below" },
          undo,
          clear,
          make("span", { className: "hint" }, "draw above, or try one:"),
        ),
        samples,
      ),
      make(
        "div",
        { className: "column middle" },
        make(
          "div",
          { className: "seen" },
          make(
            "figure",
            {},
            picture,
            make("figcaption", {}, "what the network gets: 28 × 28 numbers"),
          ),
          units.figure,
        ),
        ...inside.map((canvas, i) => make("figure", {}, canvas, captions[i])),
      ),
      make(
        "div",
        { className: "column said" },
        answer,
        make("ul", { className: "bars" }, ...bars.map((bar) => bar.line)),
      ),
    ),
    tools,
  );
  return { pad, undo, clear, tools, samples, picture, inside, captions, units, answer, bars };
}

/** One of ten bars, with its digit and its share. */
function barFor(digit) {
  const fill = make("span", { className: "fill" });
  const share = make("span", { className: "share" });
  const line = make(
    "li",
    {},
    make("b", {}, String(digit)),
    make("span", { className: "track" }, fill),
    share,
  );
  return { line, fill, share };
}

/** Show what a network makes of a framed picture, or of none. */
function show(view, network, framed) {
  const found = reading(network, framed ?? new Uint8Array(SIDE * SIDE));
  paint(view.picture, framed ?? new Uint8Array(SIDE * SIDE), SIDE, asSeen);
  showInside(view, network, found.values);
  view.bars.forEach(({ line, fill, share }, digit) => {
    const value = framed ? found.probabilities[digit] : 0;
    fill.style.width = `${100 * value}%`;
    share.textContent = framed ? percent(value) : "";
    line.classList.toggle("first", Boolean(framed) && digit === found.digit);
  });
  const text = framed ? inWords(found) : "Nothing drawn yet.";
  if (view.answer.textContent !== text) view.answer.replaceChildren(...emphasised(text));
  view.answer.classList.toggle("unsure", Boolean(framed) && found.unsure);
}

/** The answer as a sentence; below its limit, the network says that it isn't sure. */
function inWords({ digit, confidence, unsure, probabilities }) {
  if (!unsure) return `${digit} (${percent(confidence, 1)})`;
  const second = probabilities.indexOf(
    Math.max(...probabilities.filter((_, each) => each !== digit)),
  );
  return `Not sure: perhaps ${digit} (${percent(confidence)}) or ${second} (${percent(probabilities[second])})`;
}

/** An answer with its digit large. */
function emphasised(text) {
  return /^\d/.test(text) ? [make("b", {}, text[0]), text.slice(1)] : [text];
}

/** The values of the first two layers behind the picture: maps, or single units. */
function showInside({ inside, captions, units }, network, values) {
  units.look(network.layers[0]);
  inside.forEach((canvas, i) => {
    const { kind, outputs } = network.layers[i];
    const output = values[i + 1];
    const side = Math.sqrt(output.length / outputs);
    const row = side > 1 && i ? 16 : across(network.layers[i]);
    const { picture, wide } = mosaic(output, side, outputs, row, side > 1 ? 1 : 0);
    const most = output.reduce((a, b) => Math.max(a, b), 0);
    paint(canvas, picture, wide, glow(most));
    const what =
      kind === "linear" ? `${outputs} hidden units` : `${outputs} feature maps, ${side} × ${side}`;
    captions[i].textContent = i ? what : `${what}: point at one`;
    const more = i ? "" : "; arrow keys choose one";
    canvas.setAttribute("aria-label", `${what}: brighter is more${more}`);
  });
}

/** Where the pen of the keyboard is. */
function showPen(pad, context) {
  const pen = pad.pen();
  if (!pen || !pad.matches(":focus-visible")) return;
  context.beginPath();
  context.arc(pen.x, pen.y, 8, 0, 7);
  Object.assign(context, { lineWidth: 3, strokeStyle: pen.isDown ? "#d55e00" : "#0072b2" });
  context.stroke();
}
