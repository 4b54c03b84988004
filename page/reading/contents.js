// Contents that follow the reader.
const WIDE = matchMedia("(min-width: 68rem)"); // from where on they stand beside the text

/** Mark the chapter that is being read, and fold the list where there is no room for it. */
export function startContents() {
  const list = document.getElementById("contents");
  const fold = () => (list.open = WIDE.matches);
  WIDE.addEventListener("change", fold);
  fold();
  const close = () => {
    if (!WIDE.matches) list.open = false;
  };
  list.addEventListener("click", (event) => event.target.closest("a") && close());
  document.addEventListener("click", (event) => list.contains(event.target) || close());
  document.addEventListener("keydown", (event) => event.key === "Escape" && close());
  const sections = [...document.querySelectorAll("section.chapter[id]")];
  let isWaiting = false;
  const follow = () => {
    isWaiting = false;
    markChapter(list, chapterAt(sections));
  };
  addEventListener(
    "scroll",
    () => {
      if (!isWaiting) requestAnimationFrame(follow);
      isWaiting = true;
    },
    { passive: true },
  );
  follow();
}

/** The last chapter that begins above the middle of the window. */
function chapterAt(sections) {
  const begun = sections.filter((each) => each.getBoundingClientRect().top < innerHeight / 2);
  return begun.at(-1) ?? null;
}

/** Tell the eye and the screen reader which chapter that is. */
function markChapter(list, section) {
  const number = section?.id.replace("chapter-", "");
  for (const entry of list.querySelectorAll("[data-chapter]")) {
    const isHere = entry.dataset.chapter === number;
    if (isHere === entry.classList.contains("here")) continue;
    entry.classList.toggle("here", isHere);
    const link = entry.querySelector("a");
    if (isHere) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
    if (isHere) keepInView(list, link);
    if (isHere) document.getElementById("here").textContent = `: ${link.textContent.trim()}`;
  }
}

/** Move the list, not the page, so that the marked chapter shows. */
function keepInView(list, link) {
  const box = list.parentElement;
  if (box.scrollHeight <= box.clientHeight) return;
  const place = link.getBoundingClientRect().top - box.getBoundingClientRect().top;
  if (place < 0 || place > box.clientHeight - 120) box.scrollTop += place - box.clientHeight / 3;
}
