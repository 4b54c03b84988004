// Strokes of a pen: kept as points, so that the last one can be taken back.

export const PAD = 280; // pixels of the pad, each way
const PEN = 19; // pixels of the pen: 1.5 to 3 in the frame, as wide as the strokes of MNIST

/** Draw strokes on an empty canvas, corners softened. */
export function drawStrokes(context, strokes, colour = "#000") {
  context.clearRect(0, 0, PAD, PAD);
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

/** The strokes of a digit to try. */
export function sample(digit) {
  const point = (text) => text.split(",").map((part) => (Number(part) * PAD) / 100);
  return SAMPLES[digit].split("/").map((stroke) => stroke.split(" ").map(point));
}

/** Let strokes be drawn on a canvas with mouse, pen, finger or keys; `act` is told of each change. */
export function listen(canvas, strokes, act) {
  const place = ({ clientX, clientY }) => {
    const box = canvas.getBoundingClientRect();
    return [((clientX - box.left) * PAD) / box.width, ((clientY - box.top) * PAD) / box.height];
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
  listenToKeys(canvas, strokes, act);
}

const STEP = 10; // pixels that an arrow key moves the pen
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Arrows move a pen; Space puts it down, or lifts it. */
function listenToKeys(canvas, strokes, act) {
  let [x, y, isDown] = [PAD / 2, PAD / 2, false];
  canvas.pen = () => (document.activeElement === canvas ? { x, y, isDown } : null);
  canvas.addEventListener("keydown", (event) => {
    const arrow = ARROWS[event.key];
    if (!arrow && event.key !== " ") return;
    event.preventDefault();
    if (arrow)
      [x, y] = [x + STEP * arrow[0], y + STEP * arrow[1]].map((v) => Math.max(0, Math.min(PAD, v)));
    else if ((isDown = !isDown)) strokes.push([]);
    if (isDown) strokes.at(-1).push([x, y]);
    act();
  });
  for (const change of ["focus", "blur"])
    canvas.addEventListener(change, () => {
      isDown = false;
      act();
    });
}
