// What a trained network does with a picture: the same numbers as PyTorch's, in plain loops.
import { SIDE, table } from "./frame.js";

/** A network from the page's data: each weight was kept as a byte, so many steps of its output. */
export function unpacked(packed) {
  const layers = packed.layers.map((layer) => {
    const numbers = Object.entries(layer.numbers).map(([name, text]) => [name, floats(text)]);
    return { ...layer, ...Object.fromEntries(numbers), weight: weights(layer) };
  });
  return { ...packed, layers };
}

/** Bytes that were written as text. */
function bytesOf(text) {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

/** Numbers of 32 bits that were written as text. */
function floats(text) {
  return new Float32Array(bytesOf(text).buffer);
}

/** Weights, those of all outputs side by side. */
function weights({ bytes, steps, outputs }) {
  const [many, step] = [new Int8Array(bytesOf(bytes).buffer), floats(steps)];
  const weight = new Float32Array(many.length);
  for (let i = 0; i < many.length; i++) weight[i] = many[i] * step[i % outputs];
  return weight;
}

/** Bytes as the network has learned to see them: centred about 0. */
export function normalised(network, bytes) {
  const values = Float32Array.from(bytes, (byte) => (byte / 255 - network.mean) / network.std);
  return table(SIDE, SIDE, values);
}

/** What comes out of every layer, the picture itself first and the scores last.
 *
 * Each is a table of maps that lie side by side: all values of the first pixel, then of the second.
 */
export function forward(network, picture) {
  const found = [picture];
  for (const layer of network.layers) {
    const compute = layer.kind === "linear" ? linear : block;
    found.push(compute(layer, found.at(-1)));
  }
  return found;
}

/** Each output: a bias, and all inputs, each times its weight; below 0 becomes 0. */
function linear({ outputs, weight, bias, relu }, input) {
  const sums = Float64Array.from(bias);
  input.values.forEach((value, i) => {
    if (value === 0) return;
    for (let o = 0, w = i * outputs; o < outputs; o++, w++) sums[o] += value * weight[w];
  });
  return table(1, 1, Float32Array.from(sums, (sum) => (relu ? Math.max(sum, 0) : sum)));
}

/** A convolution, the largest of each few, then batch norm: times one number plus another; ReLU. */
function block(layer, input) {
  const maps = pooled(convolved(layer, input), layer.outputs, layer.pool);
  const { outputs, scale, shift, relu } = layer;
  for (let i = 0, o = 0; i < maps.values.length; i++, o = (o + 1) % outputs) {
    const value = maps.values[i] * scale[o] + shift[o];
    maps.values[i] = relu ? Math.max(value, 0) : value;
  }
  return maps;
}

/** For each place and each map: all values in its window, each times its weight, added up.
 *
 * Weights lie side by side like the maps, so that the innermost loop runs over numbers that follow
 * each other; what is 0 is left out. `edge` is how far windows reach beyond the picture.
 */
export function convolved({ inputs, outputs, kernel, edge, weight }, { high, wide, values }) {
  const [rows, columns] = [high, wide].map((side, i) => side + 2 * edge[i] - kernel[i] + 1);
  const output = new Float32Array(rows * columns * outputs);
  const sums = new Float64Array(outputs);
  for (let place = 0; place < rows * columns; place++) {
    const [top, left] = [Math.floor(place / columns) - edge[0], (place % columns) - edge[1]];
    sums.fill(0);
    for (let down = 0; down < kernel[0]; down++) {
      if (top + down < 0 || top + down >= high) continue;
      for (let right = 0; right < kernel[1]; right++) {
        if (left + right < 0 || left + right >= wide) continue;
        const from = ((top + down) * wide + left + right) * inputs;
        let w = (down * kernel[1] + right) * inputs * outputs;
        for (let i = 0; i < inputs; i++, w += outputs) {
          const value = values[from + i];
          if (value === 0) continue;
          for (let o = 0; o < outputs; o++) sums[o] += value * weight[w + o];
        }
      }
    }
    output.set(sums, place * outputs);
  }
  return table(rows, columns, output);
}

/** Of each window the largest value; an odd row or column at the end is left out. */
export function pooled(maps, outputs, [down, right]) {
  if (down * right === 1) return maps;
  const [rows, columns] = [Math.floor(maps.high / down), Math.floor(maps.wide / right)];
  const output = new Float32Array(rows * columns * outputs).fill(-Infinity);
  for (let row = 0; row < rows * down; row++) {
    for (let column = 0; column < columns * right; column++) {
      const from = (row * maps.wide + column) * outputs;
      const to = (Math.floor(row / down) * columns + Math.floor(column / right)) * outputs;
      for (let o = 0; o < outputs; o++)
        if (maps.values[from + o] > output[to + o]) output[to + o] = maps.values[from + o];
    }
  }
  return table(rows, columns, output);
}

/** Ten probabilities from ten scores; the largest score is taken off first, so that none overflows. */
export function softmax(scores, temperature = 1) {
  const most = Math.max(...scores);
  const powers = Array.from(scores, (score) => Math.exp((score - most) / temperature));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}

/** What a network says of a picture: digit, probabilities, whether it is sure, and all layers. */
export function reading(network, bytes) {
  const layers = forward(network, normalised(network, bytes));
  const probabilities = softmax(layers.at(-1).values, network.temperature);
  const confidence = Math.max(...probabilities);
  const digit = probabilities.indexOf(confidence);
  return { digit, confidence, unsure: confidence < network.sureFrom, probabilities, layers };
}
