// Lines on axes, drawn small and often.
import { make } from "./dom.js";

const [WIDTH, HEIGHT, LEFT, BELOW, ABOVE] = [360, 210, 40, 26, 10];

/** A chart that is drawn anew from all its lines: { points: [[x, y]], colour, dash, alpha }. */
export function chart(label) {
  const scale = Math.min(2, devicePixelRatio || 1);
  const canvas = make("canvas", {
    width: WIDTH * scale,
    height: HEIGHT * scale,
    className: "chart",
    role: "img",
    "aria-label": label,
  });
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  const draw = (axes, lines) => {
    const style = getComputedStyle(canvas);
    const colour = (name) => style.getPropertyValue(name).trim();
    context.clearRect(0, 0, WIDTH, HEIGHT);
    context.font = "11px system-ui, sans-serif";
    const place = placed(axes);
    drawAxes(context, axes, place, colour);
    for (const line of lines) drawLine(context, line, place, colour);
  };
  return { canvas, draw };
}

/** From numbers to pixels; what lies outside is put on the edge. */
function placed({ x, y, isLog }) {
  const tall = isLog ? Math.log : (value) => value;
  const part = (value, [from, to]) => Math.max(0, Math.min(1, (value - from) / (to - from)));
  return ([across, up]) => [
    LEFT + part(across, x) * (WIDTH - LEFT - 8),
    HEIGHT - BELOW - part(tall(up), y.map(tall)) * (HEIGHT - BELOW - ABOVE),
  ];
}

/** Names, numbers and thin lines. */
function drawAxes(context, { x, marks, form = String, xName }, place, colour) {
  context.lineWidth = 1;
  context.fillStyle = colour("--soft");
  context.strokeStyle = colour("--line");
  context.textAlign = "right";
  for (const mark of marks) {
    const [left, height] = place([x[0], mark]);
    context.beginPath();
    context.moveTo(left, height);
    context.lineTo(WIDTH - 8, height);
    context.stroke();
    context.fillText(form(mark), left - 5, height + 4);
  }
  context.fillText(`${x[1]} ${xName}`, WIDTH - 8, HEIGHT - 9);
  context.textAlign = "left";
  context.fillText(String(x[0]), LEFT, HEIGHT - 9);
}

/** One line through its points. */
function drawLine(context, line, place, colour) {
  const { points, colour: name, dash = [], width = 1.6, alpha = 1 } = line;
  context.beginPath();
  context.setLineDash(dash);
  context.lineWidth = width;
  context.strokeStyle = colour(name);
  context.globalAlpha = alpha;
  points.forEach((point, i) => context[i ? "lineTo" : "moveTo"](...place(point)));
  context.stroke();
  context.setLineDash([]);
  context.globalAlpha = 1;
}
