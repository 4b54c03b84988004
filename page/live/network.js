// What a trained network does with a picture: the same numbers as PyTorch's, in plain loops.

const EPSILON = 1e-5; // PyTorch's, in batch norm: no division by zero

/** A network from the page's data: each weight was kept in 16 bits. */
export function unpacked(packed) {
  const layers = packed.layers.map((layer) => {
    const numbers = Object.entries(layer.numbers).map(([name, text]) => [name, halves(text)]);
    return { ...layer, ...Object.fromEntries(numbers) };
  });
  return { ...packed, layers };
}

/** Numbers of 16 bits, written as text, as ordinary ones. */
function halves(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return Float32Array.from(new Uint16Array(bytes.buffer), half);
}

/** A sign, five bits of exponent, ten of fraction. */
function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Bytes as the network has learned to see them: centred about 0. */
export function normalised(network, bytes) {
  return Float32Array.from(bytes, (byte) => (byte / 255 - network.mean) / network.std);
}

/** What comes out of every layer, the picture itself first and the ten scores last. */
export function forward(network, bytes) {
  const values = [normalised(network, bytes)];
  let side = Math.sqrt(bytes.length);
  for (const layer of network.layers) {
    const input = values.at(-1);
    if (layer.kind === "linear") values.push(linear(layer, input));
    else {
      values.push(block(layer, input, side));
      side = side >> 1;
    }
  }
  return values;
}

/** Each output: a weight for every input, all products added up, plus a bias; below 0 becomes 0. */
function linear({ inputs, outputs, weight, bias, relu }, input) {
  const output = new Float32Array(outputs);
  for (let o = 0; o < outputs; o++) {
    let sum = bias[o];
    for (let i = 0, w = o * inputs; i < inputs; i++) sum += weight[w + i] * input[i];
    output[o] = relu ? Math.max(sum, 0) : sum;
  }
  return output;
}

/** A convolution, the largest of each four, batch norm, ReLU. */
function block(layer, input, side) {
  const maps = pooled(convolved(layer, input, side), side, layer.outputs);
  for (let o = 0; o < layer.outputs; o++) {
    const scale = layer.gamma[o] / Math.sqrt(layer.variance[o] + EPSILON);
    const shift = layer.beta[o] - layer.mean[o] * scale;
    for (let i = o; i < maps.length; i += layer.outputs)
      maps[i] = Math.max(maps[i] * scale + shift, 0);
  }
  return maps;
}

/** Each value of each map, spread to all places whose window it lies in.
 *
 * Maps lie side by side: all values of the first pixel, then of the second. Weights likewise, so
 * that the innermost loop runs over numbers that follow each other; what is 0 is left out.
 */
export function convolved({ inputs, outputs, kernel, weight }, input, side) {
  const output = new Float32Array(side * side * outputs);
  const edge = kernel >> 1;
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      for (let i = 0; i < inputs; i++) {
        const value = input[(row * side + column) * inputs + i];
        if (value === 0) continue;
        for (let down = 0; down < kernel; down++) {
          const y = row - down + edge;
          if (y < 0 || y >= side) continue;
          for (let right = 0; right < kernel; right++) {
            const x = column - right + edge;
            if (x < 0 || x >= side) continue;
            const to = (y * side + x) * outputs;
            const from = ((down * kernel + right) * inputs + i) * outputs;
            for (let o = 0; o < outputs; o++) output[to + o] += value * weight[from + o];
          }
        }
      }
    }
  }
  return output;
}

/** Of each window of 2 x 2 the largest value; an odd row or column at the end is left out. */
export function pooled(input, side, maps) {
  const half = side >> 1;
  const output = new Float32Array(half * half * maps);
  for (let row = 0; row < half; row++) {
    for (let column = 0; column < half; column++) {
      for (let m = 0; m < maps; m++) {
        const corner = (2 * row * side + 2 * column) * maps + m;
        const below = corner + side * maps;
        output[(row * half + column) * maps + m] = Math.max(
          input[corner],
          input[corner + maps],
          input[below],
          input[below + maps],
        );
      }
    }
  }
  return output;
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
  const values = forward(network, bytes);
  const probabilities = softmax(values.at(-1), network.temperature);
  const confidence = Math.max(...probabilities);
  const digit = probabilities.indexOf(confidence);
  return { digit, confidence, unsure: confidence < network.sureFrom, probabilities, values };
}
