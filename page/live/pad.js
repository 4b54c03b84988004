// The pad: draw a digit, and watch what a network makes of it while you draw.
import { button, choice, make, oncePerFrame, percent } from "./dom.js";
import { cutOut, frame, inkOf, SIDE } from "./frame.js";
import { lineReading, onPaper } from "./line.js";
import { reading } from "./network.js";
import { asSeen, glow, mosaic, paint } from "./paint.js";
import { digitsIn, drawStrokes, listen, PAD, sample, sampleNumber, WIDE } from "./strokes.js";
import { across, unitsOf } from "./units.js";

const NAMES = { mlp: "the tutorial's MLP", cnn: "the CNN that practised on photographs" };
const CAVEATS = {
  mlp: 'It has met nothing but digits: whatever you draw, it takes for one, and is rarely "not sure".',
};
const NUMBER = "407"; // to try
const PAUSE = 100; // milliseconds after a stroke: whoever goes on at once needn't wait for an answer

/** Put a pad into its place; `tell` is told of each framed picture, or null if there is none.
 *
 * With a network for lines among them, several digits side by side are read as a number.
 */
export function startPad(place, { networks: { line, ...networks } }, tell = () => {}) {
  const strokes = [];
  const view = viewOf(place);
  const context = view.pad.getContext("2d", { willReadFrequently: true });
  const single = make("canvas", { width: WIDE, height: PAD }); // for one digit of a number
  const names = Object.keys(networks);
  let [name, timer] = [place.dataset.network ?? names[0], 0];
  const update = oncePerFrame(() => {
    clearTimeout(timer);
    drawStrokes(context, strokes);
    const digits = line ? digitsIn(strokes) : [];
    const isNumber = digits.length > 1;
    const ink = isNumber ? inkOfOne(single, digits, strokes.at(-1)) : inkOn(context);
    const framed = ink && frame(ink);
    show(view, name, networks[name], framed, isNumber);
    tell(framed);
    if (isNumber && !isDrawing()) {
      const whole = inkOn(context);
      timer = setTimeout(() => showNumber(view, line, lineReading(line, onPaper(whole))), PAUSE);
    }
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
  if (names.length > 1)
    view.tools.append(choice("a digit is read by", named, name, choose), view.caveat);
  const offer = (text, made) => {
    const draw = () => (strokes.splice(0, Infinity, ...made()), update());
    view.samples.append(button(text, draw, { "aria-label": `Draw a ${text}` }));
  };
  for (let digit = 0; digit < 10; digit++) offer(String(digit), () => sample(digit, WIDE / 2));
  if (line) offer(NUMBER, () => sampleNumber(NUMBER));
  const isDrawing = listen(view.pad, strokes, update);
  update();
}

/** The ink on a canvas, cut out; null if there is none. */
function inkOn(context) {
  const { width, height } = context.canvas;
  return cutOut(inkOf(context.getImageData(0, 0, width, height)));
}

/** The ink of that digit alone to which a stroke belongs. */
function inkOfOne(canvas, digits, stroke) {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  drawStrokes(
    context,
    digits.find((digit) => digit.includes(stroke)),
  );
  return inkOn(context);
}

/** All that is seen of a pad. */
function viewOf(place) {
  const pad = make("canvas", {
    width: WIDE,
    height: PAD,
    className: "pad wide",
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
  const [note, caveat] = [0, 1].map(() => make("p", { className: "hint" }));
  const bars = Array.from({ length: 10 }, (_, digit) => barFor(digit));
  const line = lineView();
  const hint = make(
    "span",
    { className: "hint" },
    make("span", { className: "pointer" }, "draw above, or try one:"),
    make("span", { className: "keys" }, "arrows move the pen, Space puts it down or lifts it"),
  );
  const caption = make("figcaption", {}, "what the network gets: 28 × 28 numbers");
  const part = (className, ...children) => make("div", { className }, ...children);
  place.append(
    part(
      "columns",
      part("column", pad, part("below", undo, clear, hint), samples),
      part("column said", answer, note, make("ul", { className: "bars" }, ...bars.map((bar) => bar.line))),
      tools,
      line.figure,
      part(
        "middle",
        part("seen", make("figure", {}, picture, caption), units.figure),
        ...inside.map((canvas, i) => make("figure", {}, canvas, captions[i])),
      ),
    ),
  );
  const said = { answer, note, caveat, bars, line };
  return { pad, undo, clear, tools, samples, picture, inside, captions, units, ...said };
}

/** A line as its network sees it, and what that says of each column. */
function lineView() {
  const picture = make("canvas", {
    className: "pixels",
    role: "img",
    "aria-label": "The line as its network gets it: 32 pixels high",
  });
  const columns = make("canvas", {
    className: "pixels signs",
    role: "img",
    "aria-label": "For each four columns of the line, how likely each sign is there",
  });
  const text =
    "All digits together are a line, 32 pixels high, for another network. Below it, what that says " +
    "of every four columns: nothing new, 0 to 9, or one of five marks.";
  const rows = make("div", { className: "rows", "aria-hidden": "true" });
  const both = make("div", {}, picture, rows, columns);
  const figure = make("figure", { className: "line" }, both, make("figcaption", {}, text));
  figure.hidden = true;
  return { picture, rows, columns, figure };
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

/** Show what a network makes of a framed picture, or of none; a number's answer comes later. */
function show(view, name, network, framed, isNumber) {
  const bytes = framed ?? new Uint8Array(SIDE * SIDE);
  const found = reading(network, bytes);
  paint(view.picture, bytes, SIDE, asSeen);
  showInside(view, network, framed ? found.layers : found.layers.map(silent));
  view.bars.forEach(({ line, fill, share }, digit) => {
    const value = framed ? found.probabilities[digit] : 0;
    fill.style.width = `${100 * value}%`;
    share.textContent = framed ? percent(value, 1) : "";
    line.classList.toggle("first", Boolean(framed) && digit === found.digit);
  });
  view.caveat.textContent = CAVEATS[name] ?? "";
  view.note.textContent = isNumber ? `The last digit by itself: ${inWords(found)}` : "";
  if (isNumber) {
    if (view.line.figure.hidden) answer(view, "…", false);
    return;
  }
  view.line.figure.hidden = true;
  answer(view, framed ? inWords(found) : "Nothing drawn yet.", Boolean(framed) && found.unsure);
}

/** A layer that nothing was put into. */
function silent(layer) {
  return { ...layer, values: layer.values.map(() => 0) };
}

/** Show what the network for lines makes of all digits. */
function showNumber(view, { classes }, { text, confidence, unsure, small, chances }) {
  answer(view, `${text || "no number"} (${percent(confidence, 1)})`, unsure);
  paint(view.line.picture, small.values, small.wide, asSeen);
  const signs = chances[0].map((_, sign) => chances.map((column) => Math.exp(column[sign])));
  paint(view.line.columns, signs.flat(), chances.length, glow(1));
  const names = ["nothing", ...classes].map((name) => make("span", {}, name));
  view.line.rows.replaceChildren(...names);
  view.line.figure.style.setProperty("--columns", small.wide);
  view.line.figure.hidden = false;
}

/** Say an answer, if it is another than before. */
function answer(view, text, unsure) {
  if (view.answer.textContent !== text) view.answer.replaceChildren(...emphasised(text));
  view.answer.classList.toggle("unsure", unsure);
}

/** The answer as a sentence; below its limit, the network says that it isn't sure. */
function inWords({ digit, confidence, unsure, probabilities }) {
  if (!unsure) return `${digit} (${percent(confidence, 1)})`;
  const second = probabilities.indexOf(
    Math.max(...probabilities.filter((_, each) => each !== digit)),
  );
  return `Not sure: perhaps ${digit} (${percent(confidence)}) or ${second} (${percent(probabilities[second])})`;
}

/** An answer with its digits large. */
function emphasised(text) {
  const [digits] = /^[\d.,/:?-]*/.exec(text);
  return digits ? [make("b", {}, digits), text.slice(digits.length)] : [text];
}

/** The values of the first two layers behind the picture: maps, or single units. */
function showInside({ inside, captions, units }, network, layers) {
  units.look(network.layers[0]);
  inside.forEach((canvas, i) => {
    const { kind, outputs } = network.layers[i];
    const { high: side, values } = layers[i + 1];
    const row = side > 1 && i ? 16 : across(network.layers[i]);
    const { picture, wide } = mosaic(values, side, outputs, row, side > 1 ? 1 : 0);
    const most = values.reduce((a, b) => Math.max(a, b), 0);
    paint(canvas, picture, wide, glow(most));
    const what =
      kind === "linear" ? `${outputs} hidden units` : `${outputs} feature maps, ${side} × ${side}`;
    captions[i].textContent = i ? what : `${what}: pick one`;
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
