// Starts each live piece when it comes near, so that the page itself is there at once.
import { startFilter } from "./filter.js";
import { startLearning } from "./learn.js";
import { unpacked } from "./network.js";
import { startPad } from "./pad.js";
import { startRefusals } from "./refusals.js";
import { startWeight } from "./weight.js";

const STARTS = {
  pad: startPad,
  weight: startWeight,
  learning: startLearning,
  filter: startFilter,
  refusals: startRefusals,
};

/** What the page brings along: written as JSON, unpacked when it is first asked for. */
function carried() {
  const found = new Map();
  const read = (name) => JSON.parse(document.getElementById(`data-${name}`).textContent);
  const get = (name, make) => {
    if (!found.has(name)) found.set(name, make(read(name)));
    return found.get(name);
  };
  const networks = (packed) =>
    Object.fromEntries(Object.entries(packed).map(([name, each]) => [name, unpacked(each)]));
  return {
    get networks() {
      return get("networks", networks);
    },
    get weight() {
      return get("weight", (means) => means);
    },
    get digits() {
      return get("digits", (packed) => packed);
    },
    get learning() {
      return get("learning", (curves) => curves);
    },
    get refusals() {
      return get("refusals", (found) => found);
    },
  };
}

/** Watch for pieces that come near the window. */
function startWhenNear(data) {
  const watcher = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting || target.dataset.started) continue;
        target.dataset.started = "yes";
        STARTS[target.dataset.piece](target.querySelector(".stage"), data);
      }
    },
    { rootMargin: "600px" },
  );
  for (const piece of document.querySelectorAll(".piece")) watcher.observe(piece);
}

startWhenNear(carried());
