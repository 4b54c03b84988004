// Strokes of a pen: kept as points, so that the last one can be taken back.

export const PAD = 280; // pixels of a pad from top to bottom, and of a square one across
export const WIDE = 440; // pixels across of one with room for several digits
const PEN = 19; // pixels of the pen: 1.5 to 3 in the frame, as wide as the strokes of MNIST
const OVERLAP = 0.25; // of the narrower one: strokes above each other so far are of one digit

/** Draw strokes on an empty canvas, corners softened. */
export function drawStrokes(context, strokes, colour = "#000") {
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  Object.assign(context, {
    lineWidth: PEN,
    lineCap: "round",
    lineJoin: "round",
    strokeStyle: colour,
    fillStyle: colour,
  });
  for (const points of strokes) {
    context.beginPath();
    if (points.length < 2) {
      context.arc(...points[0], PEN / 2, 0, 7);
      context.fill();
    } else {
      trace(context, points);
      context.stroke();
    }
  }
}

/** A curve through the middles between points, bent by the points. */
function trace(context, points) {
  context.moveTo(...points[0]);
  for (let i = 1; i < points.length - 1; i++) {
    const [[x, y], [nextX, nextY]] = [points[i], points[i + 1]];
    context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
  }
  context.lineTo(...points.at(-1));
}

/** Ten digits to try, in hundredths of the pad; a point that comes twice is a corner. */
const SAMPLES = [
  "50,12 32,18 24,50 32,82 50,88 68,82 76,50 68,18 50,12",
  "38,28 54,12 54,12 54,88",
  "28,30 36,14 58,11 72,26 66,44 44,68 27,86 27,86 50,84 76,86",
  "30,18 50,9 71,18 68,38 46,46 46,46 70,54 75,74 55,90 28,80",
  "40,12 26,58 26,58 78,58/62,34 62,90",
  "70,13 36,13 36,13 32,46 32,46 55,38 74,54 71,78 50,90 28,80",
  "64,11 42,28 29,56 32,80 50,90 69,80 68,60 50,52 33,66",
  "26,14 75,14 75,14 56,50 44,89",
  "66,22 50,9 34,20 38,38 60,54 69,72 50,90 32,74 40,55 62,38 66,22",
  "68,30 56,12 36,18 33,40 50,50 67,34 67,34 69,20 68,52 60,89",
];

/** The strokes of a digit to try, in the middle of a pad; or smaller, with its own middle. */
export function sample(digit, middle = PAD / 2, size = PAD) {
  const point = (text) => {
    const [right, down] = text.split(",").map((part) => Number(part) / 100 - 0.5);
    return [middle + right * size, PAD / 2 + down * size];
  };
  return SAMPLES[digit].split("/").map((stroke) => stroke.split(" ").map(point));
}

/** The strokes of some digits side by side, on a wide pad. */
export function sampleNumber(digits) {
  const size = Math.min(PAD, (1.4 * WIDE) / digits.length); // most of them are narrower than high
  const apart = WIDE / digits.length;
  return [...digits].flatMap((digit, place) => sample(digit, (place + 0.5) * apart, size));
}

/** Strokes that stand side by side, from left to right: those above each other are of one digit. */
export function digitsIn(strokes) {
  const found = [];
  for (const stroke of strokes.map(spanned).sort((a, b) => a.left - b.left)) {
    const last = found.at(-1);
    const common = last ? last.right - stroke.left : 0;
    const narrower = last && Math.min(last.right - last.left, stroke.right - stroke.left);
    if (last && common > OVERLAP * narrower) {
      last.right = Math.max(last.right, stroke.right);
      last.strokes.push(...stroke.strokes);
    } else found.push(stroke);
  }
  return found.map((digit) => digit.strokes);
}

/** A stroke and from where to where its ink is. */
function spanned(points) {
  const across = points.map(([x]) => x);
  const reach = PEN / 2;
  return {
    left: Math.min(...across) - reach,
    right: Math.max(...across) + reach,
    strokes: [points],
  };
}

/** Let strokes be drawn on a canvas with mouse, pen, finger or keys; `act` is told of each change.
 *
 * What is returned says whether a stroke is being drawn.
 */
export function listen(canvas, strokes, act) {
  const place = ({ clientX, clientY }) => {
    const box = canvas.getBoundingClientRect();
    const scale = canvas.width / box.width;
    return [(clientX - box.left) * scale, (clientY - box.top) * scale];
  };
  let isDown = false;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || isDown) return;
    event.preventDefault();
    isDown = true;
    canvas.setPointerCapture(event.pointerId);
    strokes.push([place(event)]);
    act();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!isDown) return;
    const moves = event.getCoalescedEvents?.() ?? [];
    strokes.at(-1).push(...(moves.length ? moves : [event]).map(place));
    act();
  });
  for (const end of ["pointerup", "pointercancel"])
    canvas.addEventListener(end, () => {
      isDown = false;
      act();
    });
  const isDownByKey = listenToKeys(canvas, strokes, act);
  return () => isDown || isDownByKey();
}

const STEP = 10; // pixels that an arrow key moves the pen
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Arrows move a pen; Space puts it down, or lifts it. */
function listenToKeys(canvas, strokes, act) {
  const { width, height } = canvas;
  let [x, y, isDown] = [width / 2, height / 2, false];
  canvas.pen = () => (document.activeElement === canvas ? { x, y, isDown } : null);
  canvas.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow && event.key !== " ") return;
    event.preventDefault();
    if (arrow) {
      x = Math.max(0, Math.min(width, x + STEP * arrow[0]));
      y = Math.max(0, Math.min(height, y + STEP * arrow[1]));
    } else if ((isDown = !isDown)) strokes.push([]);
    if (isDown) strokes.at(-1).push([x, y]);
    act();
  });
  for (const change of ["focus", "blur"])
    canvas.addEventListener(change, () => {
      isDown = false;
      act();
    });
  return () => isDown;
}
