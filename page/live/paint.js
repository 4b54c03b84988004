// Tables of numbers as pictures.

/** Each number as a grey or coloured square; `colour` gives red, green and blue of a number. */
export function paint(canvas, values, wide, colour) {
  const high = values.length / wide;
  canvas.width = wide;
  canvas.height = high;
  const context = canvas.getContext("2d");
  const picture = context.createImageData(wide, high);
  for (let i = 0; i < values.length; i++) {
    const [red, green, blue] = colour(values[i]);
    picture.data.set([red, green, blue, 255], 4 * i);
  }
  context.putImageData(picture, 0, 0);
}

/** Maps that lie side by side, (pixels, maps), as one picture with so many maps in a row. */
export function mosaic(values, side, maps, across, gap = 1) {
  const rows = Math.ceil(maps / across);
  const wide = across * (side + gap) - gap;
  const picture = new Float32Array(wide * (rows * (side + gap) - gap)).fill(NaN);
  for (let m = 0; m < maps; m++) {
    const corner = Math.floor(m / across) * (side + gap) * wide + (m % across) * (side + gap);
    for (let p = 0; p < side * side; p++)
      picture[corner + Math.floor(p / side) * wide + (p % side)] = values[p * maps + m];
  }
  return { picture, wide };
}

/** Light on dark, as the network sees its picture: bytes. */
export function asSeen(byte) {
  return [byte, byte, byte];
}

/** From dark (0) through blue to pale yellow (most); what lies between pictures stays grey. */
export function glow(most) {
  return (value) => {
    if (Number.isNaN(value)) return [128, 134, 144];
    const share = Math.min(value / (most || 1), 1);
    return [20 + 235 * share ** 1.4, 26 + 200 * share ** 0.8, 60 + 90 * share ** 0.5];
  };
}

/** Red for more than 0, blue for less, white for 0, as in the figures of the notebook. */
export function redBlue(most) {
  return (value) => {
    if (Number.isNaN(value)) return [128, 134, 144];
    const share = Math.max(-1, Math.min(1, value / (most || 1)));
    const pale = 255 * (1 - 0.9 * Math.abs(share));
    return share > 0 ? [255 - 40 * share, pale, pale] : [pale, pale, 255 + 40 * share];
  };
}
