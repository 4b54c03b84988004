// A network that learns before your eyes: the plain MLP, on the digits that the page carries.
import { chart } from "./chart.js";
import { button, choice, make, oncePerFrame, percent, slider } from "./dom.js";
import { mosaic, paint, redBlue } from "./paint.js";
import { trainer } from "./trainer.js";

const HIDDEN = new Map([
  ["none", []],
  ["32", [32]],
  ["128-64", [128, 64]],
]);
const OPTIMIZERS = new Map([
  ["sgd", "SGD"],
  ["momentum", "SGD + momentum"],
  ["adam", "Adam"],
]);
const USUAL = { rate: 0.001, batch: 64, hidden: "128-64", optimizer: "adam", seed: 0 };
const RATES = [-4, 1]; // exponents of the learning rates to choose from
const FEWEST_EPOCHS = 5; // that the charts have room for
const IGNORANCE = Math.log(10);
const HIGHEST_LOSS = 10; // that the chart shows
const FAINT = { colour: "--accent", alpha: 0.4 };
const MOST_POINTS = 1500; // of a line, or drawing would take ever longer

/** Put the charts and everything that can be chosen into their place. */
export function startLearning(place, { digits, learning }) {
  const settings = { ...USUAL };
  const view = viewOf();
  let [state, last] = [null, null]; // this run, and the one before
  let isRunning = false;
  const draw = oncePerFrame(() => show(view, state, last, learning));
  const command = connect(digits, (news) => {
    if (news.step === 0) {
      if (state?.points.length) last = state;
      state = { points: [], shares: [] };
    }
    take(state, news);
    draw();
  });
  const go = (on) => {
    isRunning = on;
    view.go.textContent = on ? "Pause" : "Run";
    command(on ? "run" : "pause");
  };
  const restart = () => {
    command("start", { ...settings, hidden: HIDDEN.get(settings.hidden) });
    if (isRunning) command("run");
  };
  const change = (name, isLive) => (value) => {
    settings[name] = value;
    if (!isLive) return restart();
    command("settings", { [name]: value });
    if (isRunning) command("run");
  };
  view.go = button("Run", () => go(!isRunning), { className: "main" });
  place.append(
    make(
      "div",
      { className: "tools-row" },
      view.go,
      button("One step", () => (go(false), command("step"))),
      button("Again, with another seed", () => ((settings.seed += 1), restart())),
    ),
    controls(settings, change),
    view.words,
    view.legend,
    make("div", { className: "charts" }, ...view.figures),
  );
  document.addEventListener("themechange", draw);
  pauseUnseen(place, (isSeen) => isRunning && command(isSeen ? "run" : "pause"));
  restart();
}

/** Don't work, and warm the reader's phone, for nobody to see. */
function pauseUnseen(place, act) {
  new IntersectionObserver(([{ isIntersecting }]) => act(isIntersecting)).observe(place);
}

/** Whatever can be chosen; some of it means a new beginning. */
function controls(settings, change) {
  const exponent = {
    min: RATES[0],
    max: RATES[1],
    step: 0.25,
    value: Math.log10(settings.rate),
    show: (v) => rounded(10 ** v),
  };
  return make(
    "div",
    { className: "controls" },
    slider("learning rate", exponent, (v) => change("rate", true)(10 ** v)).line,
    choice("optimiser", [...OPTIMIZERS], settings.optimizer, change("optimizer")),
    choice(
      "batch",
      [
        [16, "16"],
        [64, "64"],
        [256, "256"],
      ],
      settings.batch,
      change("batch"),
    ),
    choice(
      "hidden layers",
      [...HIDDEN.keys()].map((name) => [name, name]),
      settings.hidden,
      change("hidden"),
    ),
    check("shuffle the pixels of all pictures alike", change("shuffles")),
    check("leave out zero_grad()", change("keepsGradients", true)),
  );
}

/** A rate in two digits. */
function rounded(rate) {
  return String(Number(rate.toPrecision(2)));
}

/** A run as a reader would name it. */
function named({ optimizer, rate, batch, hidden, shuffles, keepsGradients }) {
  const usual = `${OPTIMIZERS.get(optimizer)} at ${rounded(rate)}, batch ${batch}, hidden ${hidden.join("\u2011") || "none"}`;
  return [usual, shuffles && "pixels shuffled", keepsGradients && "no zero_grad()"].filter(Boolean).join(", ");
}

/** A box to tick. */
function check(text, act) {
  const input = make("input", { type: "checkbox" });
  input.addEventListener("change", () => act(input.checked));
  return make("label", { className: "check" }, input, text);
}

/** The charts, the weights, and the words above them. */
function viewOf() {
  const loss = chart("Training loss at each step, and the mean of each epoch as PyTorch had it");
  const share = chart(
    "Share of the validation digits read correctly after each epoch, here and by PyTorch",
  );
  const weights = make("canvas", {
    className: "pixels weights",
    role: "img",
    "aria-label":
      "Weights of the first layer as pictures: red where ink speaks for a unit, blue where it speaks against it",
  });
  const caption = (text) => make("figcaption", {}, text);
  return {
    loss,
    share,
    weights,
    words: make("p", { className: "words" }),
    legend: make("ul", { className: "legend" }),
    figures: [
      make(
        "figure",
        {},
        loss.canvas,
        caption("training loss (thin line: ln 10, ignorance)"),
      ),
      make("figure", {}, share.canvas, caption("validation digits read correctly")),
      make("figure", {}, weights, caption("what the first units look for, as it forms")),
    ],
  };
}

/** Add the news to what is known. */
function take(state, news) {
  const perStep = news.step ? news.epochs / news.step : 0;
  const before = news.step - news.losses.length;
  news.losses.forEach((loss, i) => state.points.push([(before + i + 1) * perStep, loss]));
  if (news.accuracy !== null) state.shares.push([news.epochs, news.accuracy]);
  state.name = named(news.settings); // not what was chosen since: news may be on their way
  state.news = news;
}

/** How each line of the charts is drawn, and what it is called. */
function linesOf(state, last, learning) {
  const recorded = {
    points: learning.loss.map((loss, i) => [i + 0.5, loss]),
    shares: learning.accuracy.map((share, i) => [i + 1, share]),
    name: `PyTorch, recorded: ${named({ ...USUAL, hidden: HIDDEN.get(USUAL.hidden) })}`,
    style: { colour: "--warm", dash: [5, 4] },
  };
  return [
    { ...state, name: `this run: ${state.name}`, style: { colour: "--accent" } },
    recorded,
    ...(last ? [{ ...last, name: `the run before: ${last.name}`, style: FAINT }] : []),
  ];
}

/** A list of the lines, each with a piece of it. */
function showLegend(list, lines) {
  const key = lines.map(({ name }) => name).join();
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(
    ...lines.map(({ name, style: { colour, dash, alpha = 1 } }) => {
      const piece = make("span");
      piece.style.borderTop = `2px ${dash ? "dashed" : "solid"} var(${colour})`;
      piece.style.opacity = alpha;
      return make("li", {}, piece, name);
    }),
  );
}

/** Draw it all. */
function show(view, state, last, learning) {
  const { points, shares, news } = state;
  const x = [0, Math.max(FEWEST_EPOCHS, Math.ceil(news.epochs))];
  const lines = linesOf(state, last, learning);
  const drawn = (name) =>
    lines.map((line) => ({
      ...line.style,
      points: line[name].filter(([epoch]) => epoch <= x[1]),
    }));
  showLegend(view.legend, lines);
  const lossAxes = {
    x,
    y: [0.001, HIGHEST_LOSS],
    isLog: true,
    marks: [0.001, 0.01, 0.1, 1, HIGHEST_LOSS],
    xName: "epochs",
  };
  view.loss.draw(lossAxes, [
    {
      points: [
        [0, IGNORANCE],
        [x[1], IGNORANCE],
      ],
      colour: "--soft",
      width: 1,
    },
    ...drawn("points").map(finite),
  ]);
  const shareAxes = {
    x,
    y: [0, 1],
    marks: [0, 0.25, 0.5, 0.75, 1],
    form: (v) => `${100 * v} %`,
    xName: "epochs",
  };
  view.share.draw(shareAxes, drawn("shares"));
  const { count, pictures } = news.weights;
  const { picture, wide } = mosaic(pictures, 28, count, Math.min(count, 12));
  paint(
    view.weights,
    picture,
    wide,
    redBlue(pictures.reduce((a, b) => Math.max(a, Math.abs(b)), 0)),
  );
  view.words.textContent = told(points, shares, news);
}

/** A line of losses that can be drawn: not too many points, and none that is no number. */
function finite(line) {
  const every = Math.ceil(line.points.length / MOST_POINTS);
  const points = line.points
    .filter((_, i) => i % every === 0)
    .map(([at, loss]) => [at, Number.isFinite(loss) ? loss : HIGHEST_LOSS]);
  return { ...line, points };
}

/** How it goes, in a sentence. */
function told(points, shares, { step, epochs }) {
  const loss = points.at(-1)?.[1];
  const share = percent(shares.at(-1)?.[1] ?? 0, 1);
  if (!step)
    return `Before the first step: ${share} of the validation digits read correctly, by chance.`;
  if (!Number.isFinite(loss))
    return `Step ${step}: the loss is no number any more. The steps are too long.`;
  return `Step ${step}, epoch ${epochs.toFixed(1)}: loss ${loss.toFixed(3)}, ${share} of the validation digits read correctly.`;
}

/** A way to command a run: in a worker, or, where the browser starts none, in slices of time. */
function connect(packed, tell) {
  try {
    const code = document.getElementById("worker-code").textContent;
    const worker = new Worker(URL.createObjectURL(new Blob([code], { type: "text/javascript" })));
    worker.onmessage = ({ data }) => tell(data);
    worker.postMessage({ packed });
    return (command, settings) => worker.postMessage({ command, settings });
  } catch {
    return trainer(packed, tell);
  }
}
