// Digits packed as text by Python's page/numbers.py: 0 to f is a grey, A to Z are 1 to 26 blanks.
import { SIDE } from "./frame.js";

const STEP = 17; // from one of 16 greys to the next

/** All digits, bytes of 28 x 28, and what they are. */
export function unpackDigits({ pixels, labels }) {
  const all = new Uint8Array(labels.length * SIDE ** 2);
  let at = 0;
  for (const letter of pixels)
    if (/[A-Z]/.test(letter)) at += parseInt(letter, 36) - 9;
    else all[at++] = STEP * parseInt(letter, 16);
  const images = Array.from(labels, (_, n) => all.subarray(n * SIDE ** 2, (n + 1) * SIDE ** 2));
  return { images, labels: Array.from(labels, Number) };
}
