// A network that learns: the four lines of the training loop, with everything that PyTorch does
// behind them written out. Numbers are kept in 64 bits, which browsers compute with fastest.

const MOMENTUM = 0.9;
const [FIRST, SECOND, TINY] = [0.9, 0.999, 1e-8]; // of Adam: how long it remembers, and no division by 0

/** Random numbers from a seed, each from 0 to 1 (mulberry32). */
export function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The whole numbers below a count, in random order. */
export function shuffled(count, random) {
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    [order[i], order[other]] = [order[other], order[i]];
  }
  return order;
}

/** Linear layers of these sizes, their weights drawn as PyTorch draws them. */
export function fresh(sizes, random) {
  return sizes.slice(1).map((outputs, place) => {
    const inputs = sizes[place];
    const limit = 1 / Math.sqrt(inputs);
    const draw = () => (2 * random() - 1) * limit;
    return layerOf(
      inputs,
      outputs,
      Float64Array.from({ length: inputs * outputs }, draw),
      Float64Array.from({ length: outputs }, draw),
    );
  });
}

/** A layer, its gradients, and what optimisers remember of each weight. */
export function layerOf(inputs, outputs, weight, bias) {
  const parts = [weight, bias].map((values) => ({
    values,
    gradient: new Float64Array(values.length),
    first: new Float64Array(values.length),
    second: new Float64Array(values.length),
  }));
  return { inputs, outputs, weight: parts[0], bias: parts[1] };
}

/** What comes out of each layer for a batch, the batch itself first; ReLU between layers. */
export function outputs(layers, batch, count) {
  const values = [batch];
  layers.forEach((layer, place) => {
    const output = new Float64Array(count * layer.outputs);
    for (let n = 0; n < count; n++)
      sums(layer, values[place], output, n, place < layers.length - 1);
    values.push(output);
  });
  return values;
}

/** One digit through one layer. */
function sums({ inputs, outputs: count, weight, bias }, input, output, n, relu) {
  const from = n * inputs;
  for (let o = 0; o < count; o++) {
    const row = o * inputs;
    let sum = bias.values[o];
    for (let i = 0; i < inputs; i++) sum += weight.values[row + i] * input[from + i];
    output[n * count + o] = relu && sum < 0 ? 0 : sum;
  }
}

/** 1. How wrong is it? The mean cross-entropy, and its slope for each score. */
export function crossEntropy(scores, labels) {
  const count = labels.length;
  const classes = scores.length / count;
  const slope = new Float64Array(scores.length);
  let loss = 0;
  for (let n = 0; n < count; n++) {
    const row = scores.subarray(n * classes, (n + 1) * classes);
    const most = row.reduce((a, b) => Math.max(a, b));
    const powers = row.map((score) => Math.exp(score - most));
    const sum = powers.reduce((a, b) => a + b);
    loss -= row[labels[n]] - most - Math.log(sum);
    for (let c = 0; c < classes; c++) slope[n * classes + c] = powers[c] / sum / count;
    slope[n * classes + labels[n]] -= 1 / count;
  }
  return { loss: loss / count, slope };
}

/** 2. Forget the gradients of the last batch. */
export function zeroGradients(layers) {
  for (const { weight, bias } of layers) for (const part of [weight, bias]) part.gradient.fill(0);
}

/** 3. Which way is uphill? From the last layer to the first; gradients are added to what is there. */
export function backward(layers, values, slope) {
  const count = values[0].length / layers[0].inputs;
  for (let place = layers.length - 1; place >= 0; place--) {
    const before = place ? new Float64Array(count * layers[place].inputs) : null;
    for (let n = 0; n < count; n++) passBack(layers[place], values[place], slope, before, n);
    if (before) for (let i = 0; i < before.length; i++) if (values[place][i] === 0) before[i] = 0; // ReLU
    slope = before;
  }
}

/** One digit's slopes through one layer: for its weights, and for what came in. */
function passBack({ inputs, outputs: count, weight, bias }, input, slope, before, n) {
  const from = n * inputs;
  for (let o = 0; o < count; o++) {
    const push = slope[n * count + o];
    if (push === 0) continue;
    const row = o * inputs;
    bias.gradient[o] += push;
    for (let i = 0; i < inputs; i++) weight.gradient[row + i] += push * input[from + i];
    if (before) for (let i = 0; i < inputs; i++) before[from + i] += push * weight.values[row + i];
  }
}

/** 4. One step the other way, by one of three rules. */
export function takeStep(layers, { optimizer, rate }, number) {
  for (const { weight, bias } of layers)
    for (const part of [weight, bias]) RULES[optimizer](part, rate, number);
}

const RULES = {
  sgd({ values, gradient }, rate) {
    for (let i = 0; i < values.length; i++) values[i] -= rate * gradient[i];
  },
  momentum({ values, gradient, first }, rate) {
    for (let i = 0; i < values.length; i++) {
      first[i] = MOMENTUM * first[i] + gradient[i];
      values[i] -= rate * first[i];
    }
  },
  adam({ values, gradient, first, second }, rate, number) {
    const [firstPart, secondPart] = [1 - FIRST ** number, Math.sqrt(1 - SECOND ** number)];
    for (let i = 0; i < values.length; i++) {
      first[i] = FIRST * first[i] + (1 - FIRST) * gradient[i];
      second[i] = SECOND * second[i] + (1 - SECOND) * gradient[i] ** 2;
      values[i] -= (rate / firstPart) * (first[i] / (Math.sqrt(second[i]) / secondPart + TINY));
    }
  },
};

/** The whole of a training step; the loss is returned. */
export function learn(layers, batch, labels, settings, number) {
  const values = outputs(layers, batch, labels.length);
  const { loss, slope } = crossEntropy(values.at(-1), labels);
  if (!settings.keepsGradients) zeroGradients(layers);
  backward(layers, values, slope);
  takeStep(layers, settings, number);
  return loss;
}

/** The share of digits that get the largest score in the right place. */
export function accuracy(layers, batch, labels) {
  const scores = outputs(layers, batch, labels.length).at(-1);
  const right = labels.filter((label, n) => {
    const row = scores.subarray(10 * n, 10 * n + 10);
    return row.every((score, c) => c === label || score < row[label]);
  });
  return right.length / labels.length;
}
