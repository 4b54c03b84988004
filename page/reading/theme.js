// Light or dark: as the system has it, until the reader says otherwise.
import { remember } from "./memory.js";

const page = document.documentElement;
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

/** Whether the page is dark now. */
export function isDark() {
  return page.dataset.theme ? page.dataset.theme === "dark" : systemIsDark.matches;
}

/** Show the switch, which says what it would do. */
export function startTheme() {
  const button = document.getElementById("theme-switch");
  const name = () => (button.textContent = isDark() ? "Light" : "Dark");
  button.addEventListener("click", () => {
    page.dataset.theme = isDark() ? "light" : "dark";
    remember("theme", page.dataset.theme);
    name();
    document.dispatchEvent(new Event("themechange"));
  });
  systemIsDark.addEventListener("change", () => {
    name();
    document.dispatchEvent(new Event("themechange"));
  });
  name();
  button.hidden = false;
}
