// One weight: drag it along its loss curve, see the slope, choose a rate, step, run.
import { button, isCalm, make, signed, slider } from "./dom.js";

const [LEFT, RIGHT, TOP] = [-3, 6, 4.5]; // weights and losses that the picture shows
const [WIDE, HIGH, EDGE] = [640, 320, 34]; // its size, and room for numbers below
const STEPS = 12; // of a run
const PAUSE = 350; // milliseconds between two of them
const BALL = 10; // its radius, with its rim
const FAR = 1e6; // a weight this large has flown off for good

/** The loss of a weight, from three means over all ones and zeros: a parabola. */
export function lossOf({ square, product, constant }, weight) {
  return square * weight ** 2 - 2 * product * weight + constant;
}

/** How steep the curve is there. */
export function slopeOf({ square, product }, weight) {
  return 2 * square * weight - 2 * product;
}

/** Put the curve and its ball into their place. */
export function startWeight(place, { weight: means }) {
  let [weight, rate, path, timer] = [0, 1, [0], 0];
  const view = viewOf(means);
  const stop = () => clearInterval(timer);
  const draw = () => show(view, means, weight, rate, path);
  const moveTo = (fresh) => {
    stop();
    weight = fresh;
    path = [fresh];
    draw();
  };
  const step = () => {
    weight = Math.max(-FAR, Math.min(FAR, weight - rate * slopeOf(means, weight)));
    path.push(weight);
    draw();
  };
  const run = () => {
    stop();
    let left = STEPS;
    if (isCalm()) return Array.from({ length: STEPS }, step);
    timer = setInterval(() => (left-- > 0 ? step() : stop()), PAUSE);
  };
  const weightSlider = slider(
    "weight",
    { min: LEFT, max: RIGHT, step: 0.01, value: weight, show: short },
    moveTo,
  );
  const rateSlider = slider(
    "learning rate",
    { min: 0.05, max: 5, step: 0.05, value: rate, show: (v) => v.toFixed(2) },
    (v) => ((rate = v), draw()),
  );
  view.set = weightSlider.set;
  drag(view.picture, moveTo);
  place.append(
    view.picture,
    make("div", { className: "controls" }, weightSlider.line, rateSlider.line),
    make(
      "div",
      { className: "tools-row" },
      button("Step", () => (stop(), step())),
      button(`Run ${STEPS} steps`, run),
      button("Back to 0", () => moveTo(0)),
      view.words,
    ),
  );
  draw();
}

/** Where a weight's ball is put: where it is, or, when it has left the picture, at the edge nearest to it. */
function ballAt(weight, loss) {
  const within = (value, most) => Math.max(BALL, Math.min(most - BALL, value));
  return [within(across(weight), WIDE), Math.max(BALL, down(loss))];
}

const across = (weight) => ((weight - LEFT) / (RIGHT - LEFT)) * WIDE;
const down = (loss) => HIGH - (loss / TOP) * HIGH;

/** An element of a drawing. */
function shape(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** The curve, its axes, and what moves on it. */
function viewOf(means) {
  const picture = shape("svg", {
    viewBox: `0 -8 ${WIDE} ${HIGH + EDGE}`,
    class: "curve",
    role: "img",
    "aria-label": "The loss of each weight, a valley; the present weight as a ball on it",
  });
  for (let each = LEFT; each <= RIGHT; each++) {
    const label = shape("text", {
      x: across(each),
      y: HIGH + 20,
      "text-anchor": each === LEFT ? "start" : each === RIGHT ? "end" : "middle",
    });
    label.textContent = signed(each);
    picture.append(
      shape("line", { x1: across(each), x2: across(each), y1: HIGH, y2: HIGH + 5 }),
      label,
    );
  }
  for (let each = 1; each < TOP; each++) {
    const label = shape("text", { x: across(1.4), y: down(each) - 5, "text-anchor": "middle" });
    label.textContent = `loss ${each}`;
    picture.append(
      shape("line", { class: "grid", x1: 0, x2: WIDE, y1: down(each), y2: down(each) }),
      label,
    );
  }
  const name = shape("text", { x: WIDE, y: HIGH - 6, "text-anchor": "end" });
  name.textContent = "weight";
  const points = Array.from({ length: 181 }, (_, i) => LEFT + i / 20);
  const path = points.map((w) => `${across(w)},${down(lossOf(means, w))}`).join(" ");
  const [trail, tangent, ball, gone] = [
    shape("g", { class: "trail" }),
    shape("line", { class: "tangent" }),
    shape("circle", { class: "ball", r: BALL - 1 }),
    shape("text", { class: "gone", y: BALL + 4 }),
  ];
  picture.append(
    shape("line", { x1: 0, x2: WIDE, y1: HIGH, y2: HIGH }),
    name,
    shape("polyline", { class: "valley", points: path }),
    trail,
    tangent,
    ball,
    gone,
  );
  return { picture, trail, tangent, ball, gone, words: make("output", { className: "words" }) };
}

/** Follow the pointer along the curve. */
function drag(picture, moveTo) {
  const move = (event) => {
    const box = picture.getBoundingClientRect();
    const weight = LEFT + ((event.clientX - box.left) / box.width) * (RIGHT - LEFT);
    moveTo(Math.max(LEFT, Math.min(RIGHT, weight)));
  };
  picture.addEventListener("pointerdown", (event) => {
    picture.setPointerCapture(event.pointerId);
    move(event);
  });
  picture.addEventListener("pointermove", (event) => {
    if (picture.hasPointerCapture(event.pointerId)) move(event);
  });
}

/** Where the weight is, how steep it is there, where it came from. */
function show(view, means, weight, rate, path) {
  const [loss, slope] = [lossOf(means, weight), slopeOf(means, weight)];
  const [x, y] = ballAt(weight, loss);
  view.ball.setAttribute("cx", x);
  view.ball.setAttribute("cy", y);
  const isRight = x > WIDE / 2;
  view.gone.setAttribute("x", x + (isRight ? -2 : 2) * BALL);
  view.gone.setAttribute("text-anchor", isRight ? "end" : "start");
  view.gone.textContent = loss > TOP ? `out of the picture: weight ${short(weight)}` : "";
  const ends = [weight - 0.8, weight + 0.8].map((w) => [
    across(w),
    down(loss + slope * (w - weight)),
  ]);
  Object.entries({ x1: ends[0][0], y1: ends[0][1], x2: ends[1][0], y2: ends[1][1] }).forEach(
    ([key, value]) => view.tangent.setAttribute(key, value),
  );
  const hops = path.slice(1).map((w, i) => {
    const [from, to] = [path[i], w].map((each) => `${across(each)},${down(lossOf(means, each))}`);
    return shape("polyline", { points: `${from} ${to}` });
  });
  const dots = path
    .slice(0, -1)
    .map((w) => shape("circle", { cx: across(w), cy: down(lossOf(means, w)), r: 3.5 }));
  view.trail.replaceChildren(...hops, ...dots);
  view.words.textContent = inWordsOf(means, weight, loss, slope, rate, path);
  view.set(weight);
}

/** The same as a sentence. */
function inWordsOf(means, weight, loss, slope, rate, path) {
  const steps = path.length - 1;
  const before = steps ? lossOf(means, path.at(-2)) : Infinity;
  if (steps > 1 && loss > before)
    return `After ${steps} steps the weight is ${short(weight)}, and the loss ${short(loss)} and growing: each step is longer than the last. It flies off.`;
  const step = -rate * slope;
  const next = `next step ${rate.toFixed(2)} × ${short(-slope)} = ${short(step)}`;
  return `${steps ? `After ${steps} step${steps > 1 ? "s" : ""}: ` : ""}loss ${short(loss)}, slope ${short(slope)}, ${next}`;
}

/** A number of a size that can be read. */
function short(value) {
  return signed(Math.abs(value) < 1e4 ? value.toFixed(2) : value.toExponential(1));
}
