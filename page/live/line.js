// Several digits side by side, as the network for lines sees and reads them; the same arithmetic as
// Python's handreader/lines.py.
import { bestPrefix, likelihood, peaks } from "./columns.js";
import { roundEven, table } from "./frame.js";
import { forward, softmax } from "./network.js";

const HIGH = 32; // pixels of a line, from top to bottom
const [LONGEST, SHORTEST] = [2400, 8]; // the same, from left to right
const STEP = 4; // columns of the picture for one column of scores
const FLATTEST = 4; // grey levels: a line that hardly differs from paper isn't blown up to noise
const [ABOVE, BESIDE] = [0.15, 0.25]; // paper around the ink, in its height: usual where it practised
const LOWEST = 64; // pixels that ink counts as high at least, or a dash would be all of the line

/** Ink as a grey picture of a line: dark on white paper, with some paper around it. */
export function onPaper(ink) {
  const tall = Math.max(ink.high, LOWEST);
  const [top, left] = [(tall - ink.high) / 2 + ABOVE * tall, BESIDE * tall].map(Math.round);
  const paper = table(ink.high + 2 * top, ink.wide + 2 * left);
  paper.values.fill(255);
  for (let row = 0; row < ink.high; row++)
    for (let column = 0; column < ink.wide; column++)
      paper.values[(top + row) * paper.wide + left + column] -= Math.round(
        255 * ink.values[row * ink.wide + column],
      );
  return paper;
}

/** A picture of a line as high as the network sees it: each pixel the mean of those it covers. */
export function fitted({ high, wide, values }) {
  const columns = Math.min(LONGEST, Math.max(SHORTEST, roundEven((wide * HIGH) / high)));
  const [down, across] = [covered(high, HIGH), covered(wide, columns)];
  const lower = table(HIGH, wide);
  down.forEach((parts, row) => {
    for (const [from, part] of parts)
      for (let x = 0; x < wide; x++) lower.values[row * wide + x] += part * values[from * wide + x];
  });
  const small = table(HIGH, columns);
  for (let row = 0; row < HIGH; row++)
    across.forEach((parts, column) => {
      let sum = 0;
      for (const [from, part] of parts) sum += part * lower.values[row * wide + from];
      small.values[row * columns + column] = roundEven(sum);
    });
  return small;
}

/** For each of a few new places which of the many old ones it covers, and with what share. */
function covered(old, fresh) {
  const scale = old / fresh;
  return Array.from({ length: fresh }, (_, place) => {
    const [from, to] = [place * scale, Math.min(old, (place + 1) * scale)];
    const parts = [];
    for (let i = Math.floor(from); i < Math.ceil(to); i++)
      parts.push([i, (Math.min(to, i + 1) - Math.max(from, i)) / (to - from)]);
    return parts.filter(([, part]) => part > 0);
  });
}

/** Greys as the network sees them: centred about 0 by the line's own mean and spread. */
export function centred({ high, wide, values }) {
  const mean = values.reduce((a, b) => a + b) / values.length;
  const spread = Math.sqrt(values.reduce((sum, b) => sum + (b - mean) ** 2, 0) / values.length);
  const line = table(high, STEP * Math.ceil(wide / STEP));
  for (let i = 0; i < values.length; i++)
    line.values[Math.floor(i / wide) * line.wide + (i % wide)] =
      (values[i] - mean) / (spread + FLATTEST);
  return line;
}

/** For each column the logarithm of how likely each sign is. */
export function columnsOf(network, small) {
  const { wide, values } = forward(network, centred(small)).at(-1);
  const signs = values.length / wide;
  return Array.from({ length: wide }, (_, column) =>
    softmax(values.slice(column * signs, (column + 1) * signs), network.temperature).map(Math.log),
  );
}

/** What a grey picture of a line says: its signs, how sure that is, and which of them are doubted. */
export function lineReading(network, picture) {
  const small = fitted(picture);
  const chances = columnsOf(network, small);
  const numbers = bestPrefix(chances);
  const confidence = Math.exp(likelihood(chances, numbers));
  const unsure = confidence < network.sureFrom;
  const sure = numbers.length ? peaks(chances, numbers) : [];
  const doubted = Math.max(network.sureFrom, Math.min(...sure));
  const signs = numbers.map(
    (number, i) => network.classes[number - 1] + (unsure && sure[i] <= doubted ? "?" : ""),
  );
  return { text: withinANumber(signs).join(""), confidence, unsure, small, chances };
}

/** The same without marks at either end, which belong to no number. */
function withinANumber(signs) {
  const isDigit = (sign) => /\d/.test(sign);
  return signs.slice(signs.findIndex(isDigit), signs.findLastIndex(isDigit) + 1);
}
