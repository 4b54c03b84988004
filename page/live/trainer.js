// A training run: which digits come when, how long it may go on, what is told of it.
import { unpackDigits } from "./digits.js";
import { accuracy, fresh, learn, seeded, shuffled } from "./learner.js";

const SLICE = 60; // milliseconds of work before others get a turn
const PIXELS = 784;

/** A run that can be started, let go on and stopped; `tell` is told how it goes. */
export function trainer(packed, tell) {
  const digits = unpackDigits(packed);
  let run = null;
  let timer = 0;
  const goOn = () => {
    const end = performance.now() + SLICE;
    do oneStep(run);
    while (run.queue.length && performance.now() < end);
    report(run, tell);
    timer = setTimeout(goOn, 0);
  };
  return (command, settings) => {
    clearTimeout(timer);
    if (command === "start") run = begun(digits, packed, settings, tell);
    if (command === "settings") Object.assign(run.settings, settings);
    if (command === "step") {
      oneStep(run);
      report(run, tell);
    }
    if (command === "run") goOn();
  };
}

/** A run before its first step. */
function begun(digits, packed, settings, tell) {
  const random = seeded(settings.seed);
  const order = settings.shuffles ? shuffled(PIXELS, random) : null;
  const [train, validation] = [
    [0, packed.train],
    [packed.train, digits.labels.length],
  ].map(([from, to]) => ({
    pixels: pixelsOf(digits.images.slice(from, to), packed, order),
    labels: digits.labels.slice(from, to),
  }));
  const layers = fresh([PIXELS, ...settings.hidden, 10], random);
  const run = {
    settings: { ...settings },
    random,
    order,
    train,
    validation,
    layers,
    queue: [],
    step: 0,
    losses: [],
  };
  report(run, tell);
  return run;
}

/** All pictures as numbers about 0, in one row; shuffled all alike, if that is wanted. */
function pixelsOf(images, { mean, std }, order) {
  const pixels = new Float64Array(images.length * PIXELS);
  images.forEach((image, n) => {
    for (let i = 0; i < PIXELS; i++)
      pixels[n * PIXELS + i] = (image[order ? order[i] : i] / 255 - mean) / std;
  });
  return pixels;
}

/** Learn from the next batch. */
function oneStep(run) {
  if (!run.queue.length) run.queue = shuffled(run.train.labels.length, run.random);
  const rows = run.queue.splice(0, run.settings.batch);
  const batch = new Float64Array(rows.length * PIXELS);
  rows.forEach((row, n) =>
    batch.set(run.train.pixels.subarray(row * PIXELS, (row + 1) * PIXELS), n * PIXELS),
  );
  const labels = rows.map((row) => run.train.labels[row]);
  run.step += 1;
  run.losses.push(learn(run.layers, batch, labels, run.settings, run.step));
}

/** How it goes: losses since the last time, and after an epoch the share of validation digits. */
function report(run, tell) {
  const isEpoch = !run.queue.length;
  const { step, layers, order, settings } = run;
  tell({
    step,
    settings,
    losses: run.losses.splice(0),
    accuracy: isEpoch ? accuracy(layers, run.validation.pixels, run.validation.labels) : null,
    epochs: step / Math.ceil(run.train.labels.length / run.settings.batch),
    weights: pictured(layers[0], order),
  });
}

const SHOWN = 24; // units whose weights are shown

/** The first layer's weights, put back to where their pixels were, in 32 bits. */
function pictured({ outputs, weight }, order) {
  const count = Math.min(SHOWN, outputs);
  const pictures = new Float32Array(PIXELS * count);
  for (let unit = 0; unit < count; unit++)
    for (let i = 0; i < PIXELS; i++)
      pictures[(order ? order[i] : i) * count + unit] = weight.values[unit * PIXELS + i];
  return { count, pictures };
}
