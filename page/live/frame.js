// Ink put into the frame that MNIST puts its digits into; the same arithmetic as Python's
// handreader/frame.py, step by step.

export const SIDE = 28; // pixels of a framed picture, each way
const BOX = 20; // pixels of the box inside it that a digit fits into
const LEAST_INK = 1e-6; // instead of none at all, which can't be divided by

/** Numbers in rows: what Python calls an array (high, wide). */
export function table(high, wide, values = new Float64Array(high * wide)) {
  return { high, wide, values };
}

/** The ink on a canvas, from 0 to 1: how opaque each pixel is. */
export function inkOf(pixels) {
  const ink = table(pixels.height, pixels.width);
  for (let i = 0; i < ink.values.length; i++) ink.values[i] = pixels.data[4 * i + 3] / 255;
  return ink;
}

/** Ink without the empty space around it, or null where there is none. */
export function cutOut(ink) {
  let [left, top, right, bottom] = [ink.wide, ink.high, -1, -1];
  for (let row = 0; row < ink.high; row++) {
    for (let column = 0; column < ink.wide; column++) {
      if (ink.values[row * ink.wide + column] === 0) continue;
      left = Math.min(left, column);
      right = Math.max(right, column);
      top = Math.min(top, row);
      bottom = row;
    }
  }
  if (right < 0) return null;
  const part = table(bottom - top + 1, right - left + 1);
  for (let row = 0; row < part.high; row++) {
    const start = (top + row) * ink.wide + left;
    part.values.set(ink.values.subarray(start, start + part.wide), row * part.wide);
  }
  return part;
}

/** Ink fitted into 20 x 20, its centre of mass in the middle of 28 x 28 bytes. */
export function frame(ink) {
  const scale = BOX / Math.max(ink.high, ink.wide);
  const [rows, columns] = [ink.high, ink.wide].map((side) => Math.max(1, roundEven(side * scale)));
  const small = resized(ink, rows, columns);
  const most = Math.max(...small.values, LEAST_INK);
  const strength = small.values.map((value) => value / most);
  const [top, left] = centred(strength, rows, columns);
  const framed = new Uint8Array(SIDE * SIDE);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      framed[(top + row) * SIDE + left + column] = roundEven(
        255 * strength[row * columns + column],
      );
  return framed;
}

/** To the nearest whole number, halves to the even one, as Python rounds. */
export function roundEven(value) {
  const below = Math.floor(value);
  if (value - below !== 0.5) return Math.round(value);
  return below % 2 === 0 ? below : below + 1;
}

/** Where the box begins, from the top and from the left, for its centre of mass to be in the middle. */
function centred(ink, rows, columns) {
  let [total, down, right] = [0, 0, 0];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value = ink[row * columns + column];
      total += value;
      down += value * row;
      right += value * column;
    }
  }
  const begin = (mean, size) =>
    Math.min(Math.max(roundEven((SIDE - 1) / 2 - mean), 0), SIDE - size);
  return [begin(down / total, rows), begin(right / total, columns)];
}

/** Fewer or more rows and columns, each value a mean of those it covers: first down, then across. */
function resized(ink, rows, columns) {
  const lower = table(rows, ink.wide);
  resampling(ink.high, rows).forEach(({ first, weights }, row) => {
    weights.forEach((weight, i) => {
      const from = (first + i) * ink.wide;
      for (let column = 0; column < ink.wide; column++)
        lower.values[row * ink.wide + column] += weight * ink.values[from + column];
    });
  });
  const small = table(rows, columns);
  resampling(ink.wide, columns).forEach(({ first, weights }, column) => {
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      weights.forEach((weight, i) => (sum += weight * lower.values[row * ink.wide + first + i]));
      small.values[row * columns + column] = sum;
    }
  });
  return small;
}

/** For each new place the old ones that it covers, and their weights: a triangle that sums to 1. */
function resampling(old, fresh) {
  const scale = old / fresh;
  const reach = Math.max(scale, 1);
  return Array.from({ length: fresh }, (_, place) => {
    const centre = (place + 0.5) * scale - 0.5;
    const first = Math.max(0, Math.ceil(centre - reach));
    const last = Math.min(old - 1, Math.floor(centre + reach));
    const weights = [];
    for (let i = first; i <= last; i++) weights.push(1 - Math.abs(i - centre) / reach);
    const sum = weights.reduce((a, b) => a + b);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}
