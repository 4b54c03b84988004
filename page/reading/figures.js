// Figures enlarged by a tap, or by Enter: to their own size, for beyond it they would be blurred.

/** Make a button of each figure that is shown smaller than it is, and one window for it alone. */
export function startFigures() {
  const view = document.createElement("dialog");
  view.className = "enlarged";
  view.innerHTML = '<button type="button">Close</button><div tabindex="0"><img alt=""></div>';
  document.body.append(view);
  view.addEventListener("click", (event) => {
    if (event.target !== view.querySelector("img")) view.close();
  });
  const watcher = new ResizeObserver((changes) => {
    for (const { target: image } of changes)
      image.parentElement.disabled = image.width >= image.naturalWidth;
  });
  for (const image of document.querySelectorAll("main figure > img")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "enlarge";
    button.setAttribute("aria-label", `Enlarge: ${image.alt}`);
    image.replaceWith(button);
    button.append(image);
    watcher.observe(image);
    button.addEventListener("click", () => show(view, image));
  }
}

/** Open the window with a figure. */
function show(view, image) {
  const copy = view.querySelector("img");
  copy.src = image.src;
  copy.alt = image.alt;
  view.setAttribute("aria-label", image.alt || "Figure");
  view.showModal();
}
