// Scikit-learn's 8 x 8 digits, enlarged and framed as Python's helpers/embedded.py does it.
import { roundEven, SIDE } from "./frame.js";

const [SMALL, LARGE, DARKEST] = [8, 20, 16];
const MIDDLE = SIDE / 2; // where MNIST puts a digit's centre of mass

/** All digits, bytes of 28 x 28, and what they are. */
export function unpackDigits({ pixels, labels }) {
  const size = SMALL * SMALL;
  return {
    labels: Array.from(labels, Number),
    images: Array.from(labels, (_, n) => framedSmall(pixels.slice(n * size, (n + 1) * size))),
  };
}

/** A digit of 64 letters, 0 to g for the 17 greys, in its frame. */
function framedSmall(letters) {
  const values = Array.from(letters, (letter) => parseInt(letter, 17) / DARKEST);
  const large = enlarged(values);
  const [top, left] = firstPixels(large);
  const framed = new Uint8Array(SIDE * SIDE);
  for (let row = 0; row < LARGE; row++)
    for (let column = 0; column < LARGE; column++)
      framed[(top + row) * SIDE + left + column] = roundEven(255 * large[row * LARGE + column]);
  return framed;
}

/** 8 x 8 values as 20 x 20, each a blend of the four that it lies between. */
function enlarged(values) {
  const places = Array.from({ length: LARGE }, (_, i) => {
    const at = Math.max(0, ((i + 0.5) * SMALL) / LARGE - 0.5);
    const first = Math.floor(at);
    return { first, second: Math.min(first + 1, SMALL - 1), part: at - first };
  });
  const blend = (one, other, part) => one * (1 - part) + other * part;
  return places.flatMap((down) =>
    places.map((right) => {
      const [upper, lower] = [down.first, down.second].map((row) =>
        blend(values[row * SMALL + right.first], values[row * SMALL + right.second], right.part),
      );
      return blend(upper, lower, down.part);
    }),
  );
}

/** Where the box begins, for its ink to be in the middle. */
function firstPixels(large) {
  let [total, down, right] = [0, 0, 0];
  large.forEach((value, i) => {
    total += value;
    down += value * Math.floor(i / LARGE);
    right += value * (i % LARGE);
  });
  return [down, right].map((sum) =>
    Math.max(0, Math.min(SIDE - LARGE, roundEven(MIDDLE - sum / total))),
  );
}
