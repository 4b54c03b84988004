// Code folded or open, all of it at once, as the reader chooses.
import { recall, remember } from "./memory.js";

/** Show the switch, and fold all code if that was chosen before. */
export function startCode() {
  const button = document.getElementById("code-switch");
  const cells = document.querySelectorAll("details.code");
  const set = (isOpen) => {
    for (const cell of cells) cell.open = isOpen;
    button.textContent = isOpen ? "Fold code" : "Show code";
    button.dataset.open = isOpen;
  };
  button.addEventListener("click", () => {
    const isOpen = button.dataset.open !== "true";
    set(isOpen);
    remember("code", isOpen ? "open" : "folded");
  });
  set(recall("code") !== "folded");
  button.hidden = false;
}
