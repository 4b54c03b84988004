// Small helps for making what the reader sees.

/** An element with its properties and what is in it: make("p", { className: "a" }, "text"). */
export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.includes("-") || key === "role") element.setAttribute(key, value);
    else element[key] = value;
  }
  element.append(...children);
  return element;
}

/** A button that does something. */
export function button(text, act, properties = {}) {
  const made = make("button", { type: "button", ...properties }, text);
  made.addEventListener("click", act);
  return made;
}

/** A choice among a few, as a group of radio buttons: [value, text] for each. */
export function choice(label, options, chosen, act) {
  const name = `choice-${(choice.count = (choice.count ?? 0) + 1)}`;
  const group = make("fieldset", { className: "choice" }, make("legend", {}, label));
  for (const [value, text] of options) {
    const input = make("input", { type: "radio", name, value, checked: value === chosen });
    input.addEventListener("change", () => act(value));
    group.append(make("label", {}, input, make("span", {}, text)));
  }
  return group;
}

/** A slider with its name and its value beside it. */
export function slider(label, { min, max, step, value, show = String }, act) {
  const output = make("output", {}, show(value));
  const input = make("input", { type: "range", min, max, step, "aria-label": label });
  input.value = value;
  const say = (exact = Number(input.value)) => {
    output.textContent = show(exact);
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", () => {
    say();
    act(Number(input.value));
  });
  say();
  const line = make("label", { className: "slider" }, make("span", {}, label), input, output);
  const set = (fresh) => {
    input.value = fresh;
    say(fresh); // which may lie beyond its ends
  };
  return { line, input, set };
}

/** A probability for people; never a certainty. */
export function percent(share, places = 0) {
  return `${Math.min(100 * share, 100 - 10 ** -places).toFixed(places)} %`;
}

/** A number, or its text, with a minus as it is set, not the hyphen of a keyboard. */
export function signed(number) {
  return String(number).replace(/^-/, "−");
}

/** Whether the reader asked for no motion. */
export function isCalm() {
  return matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** Once before the next picture of the screen, however often it is asked for. */
export function oncePerFrame(act) {
  let isWaiting = false;
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => {
      isWaiting = false;
      act();
    });
  };
}
