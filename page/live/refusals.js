// Where to draw the line: below which confidence should the answer be "not sure"?
import { button, make, percent, slider } from "./dom.js";
import { SIDE } from "./frame.js";

const [LOWEST, HIGHEST] = [0.1, 1]; // confidence: of ten digits, the likeliest has a tenth at least
const BINS = 40;
const [WIDE, HIGH] = [640, 200];
const LINE = 4; // how wide the limit is drawn, half of it to be seen even at either end
const SHARP = 2; // pixels of a drawing for each that the reader sees
const NEAREST = 12; // pictures shown of either kind

/** Put the histogram, its limit and the pictures nearest to it into their place. */
export function startRefusals(place, { refusals }) {
  const items = refusals.confidence.map((confidence, number) => ({
    confidence,
    number,
    answer: refusals.answer[number],
    isDigit: refusals.label[number] >= 0,
  }));
  const groups = [items.filter((item) => item.isDigit), items.filter((item) => !item.isDigit)];
  const view = viewOf();
  const sheet = new Image();
  const draw = (limit) => {
    drawBars(view.chart, groups, limit);
    view.words.textContent = inWordsFor(groups, limit);
    groups.forEach((group, i) => showNearest(view.rows[i], group, limit, sheet, refusals.columns));
  };
  const limits = {
    min: LOWEST,
    max: HIGHEST,
    step: 0.005,
    value: LOWEST, // refusing nothing: the limit that was shipped comes after the reader's own
    show: (v) => percent(v, 1),
  };
  let limit = limits.value;
  const { line, set } = slider("limit", limits, (value) => draw((limit = value)));
  const toShipped = () => (set((limit = refusals.sure_from)), draw(limit));
  line.classList.add("below");
  place.append(
    make("p", { className: "hint" }, "how sure it was, from 10 to 100 %: digits upwards, others downwards"),
    view.chart,
    line,
    view.words,
    ...view.rows.map((row) => row.line),
    make("div", { className: "tools-row" }, button("The limit that was shipped", toShipped)),
  );
  dragLimit(view.chart, (value) => (set((limit = value)), draw(limit)));
  document.addEventListener("themechange", () => draw(limit));
  sheet.onload = () => draw(limit); // until then there is nothing to draw from
  sheet.src = refusals.sheet;
}

/** The histogram, the words, a row of pictures for each kind. */
function viewOf() {
  return {
    chart: make("canvas", {
      width: SHARP * WIDE,
      height: SHARP * HIGH,
      className: "histogram",
      role: "img",
      "aria-label":
        "How many digits, above, and other things, below, have which confidence; heights are square roots, so that few can be seen beside many",
    }),
    words: make("p", { className: "words", role: "status" }),
    rows: [
      "digits nearest to the limit, what they were read as, and how surely (faded: refused)",
      "other things nearest to the limit",
    ].map(rowOf),
  };
}

/** A row of small pictures with what they were read as. */
function rowOf(text) {
  const pictures = Array.from({ length: NEAREST }, () => {
    const canvas = make("canvas", { width: SIDE, height: SIDE, className: "pixels" });
    const caption = make("figcaption");
    return { canvas, caption, figure: make("figure", { "aria-hidden": "true" }, canvas, caption) };
  });
  const figures = make("div", { className: "nearest" }, ...pictures.map((each) => each.figure));
  return { pictures, line: make("div", {}, make("p", { className: "hint" }, text), figures) };
}

/** Drag the limit in the histogram itself. */
function dragLimit(canvas, act) {
  const move = (event) => {
    const box = canvas.getBoundingClientRect();
    const share = Math.max(0, Math.min(1, (event.clientX - box.left) / box.width));
    act(LOWEST + share * (HIGHEST - LOWEST));
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    move(event);
  });
  canvas.addEventListener(
    "pointermove",
    (event) => canvas.hasPointerCapture(event.pointerId) && move(event),
  );
}

/** Digits upwards, other things downwards, the limit between refused and taken. */
function drawBars(canvas, groups, limit) {
  const context = canvas.getContext("2d");
  const style = getComputedStyle(canvas);
  const colours = ["--accent", "--warm"].map((name) => style.getPropertyValue(name).trim());
  const middle = HIGH / 2;
  const part = (confidence) => (confidence - LOWEST) / (HIGHEST - LOWEST);
  context.setTransform(SHARP, 0, 0, SHARP, 0, 0);
  context.clearRect(0, 0, WIDE, HIGH);
  groups.forEach((group, i) => {
    const counts = new Array(BINS).fill(0);
    for (const { confidence } of group)
      counts[Math.min(BINS - 1, Math.floor(part(confidence) * BINS))] += 1;
    context.fillStyle = colours[i];
    counts.forEach((count, bin) => {
      const height = Math.sqrt(count / group.length) * (middle - 14);
      context.globalAlpha = (bin + 0.5) / BINS < part(limit) ? 0.5 : 1; // refused, or taken
      context.fillRect(
        (bin * WIDE) / BINS + 1,
        i ? middle + 1 : middle - 1 - height,
        WIDE / BINS - 2,
        height,
      );
    });
  });
  context.globalAlpha = 1;
  context.fillStyle = style.getPropertyValue("--ink");
  context.fillRect(part(limit) * WIDE - LINE / 2, 0, LINE, HIGH);
}

/** How many are refused, and how many get through. */
function inWordsFor([digits, others], limit) {
  const refused = digits.filter((item) => item.confidence < limit).length;
  const taken = others.filter((item) => item.confidence >= limit).length;
  return `Refused though they are digits: ${refused} of ${digits.length} (${((100 * refused) / digits.length).toFixed(1)}\u00a0%). Taken for a digit though they are none: ${taken} of ${others.length} (${((100 * taken) / others.length).toFixed(1)}\u00a0%).`;
}

/** The pictures whose confidence is closest to the limit, in the order of their confidence. */
function showNearest(row, group, limit, sheet, columns) {
  const distance = (item) => Math.abs(item.confidence - limit);
  const near = [...group].sort((a, b) => distance(a) - distance(b)).slice(0, NEAREST);
  near.sort((a, b) => a.confidence - b.confidence);
  near.forEach(({ number, answer, confidence }, i) => {
    const { figure, canvas, caption } = row.pictures[i];
    const [x, y] = [(number % columns) * SIDE, Math.floor(number / columns) * SIDE];
    canvas.getContext("2d").drawImage(sheet, x, y, SIDE, SIDE, 0, 0, SIDE, SIDE);
    caption.textContent = `${answer}: ${Math.round(100 * confidence)}\u00a0%`;
    figure.classList.toggle("refused", confidence < limit);
  });
}
