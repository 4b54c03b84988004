// The pad in a notebook: anywidget calls `render`, and carries what is drawn back to Python.
import { unpacked } from "./network.js";
import { startPad } from "./pad.js";

const PAUSE = 100; // milliseconds without a change, after which Python is told

/** Put the pad into a cell's output. */
export function render({ model, el }) {
  const stage = document.createElement("div");
  stage.className = "stage";
  el.classList.add("digit-pad");
  el.append(stage);
  let timer = 0;
  const tell = (framed) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      model.set("drawn", Array.from(framed ?? []));
      model.save_changes();
    }, PAUSE);
  };
  startPad(stage, { networks: { own: unpacked(model.get("network")) } }, tell);
}
