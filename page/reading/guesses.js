// A Predict keeps its secret until the reader has committed to a guess.
import { recall, remember } from "./memory.js";

const MEMORY = "guesses";

/** Put a form before each closed answer, and count what was guessed. */
export function startGuesses() {
  const made = new Map(Object.entries(JSON.parse(recall(MEMORY) ?? "{}")));
  const doors = [...document.querySelectorAll(".predict > .secret")];
  const keys = doors.map((door) => keyOf(door.parentElement));
  const keep = (key, guess) => {
    made.set(key, guess);
    remember(MEMORY, JSON.stringify(Object.fromEntries(made)));
    showScore(made, keys, doors);
  };
  doors.forEach((door, place) => guard(door, keys[place], made, keep));
  showScore(made, keys, doors);
}

/** Under what a guess is remembered: its question, since numbers change from edition to edition. */
function keyOf(predict) {
  const question = predict.querySelector("blockquote").textContent;
  let sum = 0;
  for (const letter of question) sum = (sum * 31 + letter.codePointAt(0)) % 2147483647;
  return String(sum);
}

/** Keep one answer closed until there is a guess. */
function guard(door, key, made, keep) {
  const predict = door.parentElement;
  const form = formFor(predict);
  const verdict = verdictFor((isRight) => {
    keep(key, { ...made.get(key), isRight });
    say(predict, made.get(key));
  });
  const summary = door.querySelector("summary");
  door.before(form);
  door.after(verdict); // inside, it could only stick below the answer's first line
  const unlock = (guess) => {
    predict.classList.add("guessed");
    say(predict, guess);
    summary.textContent = "The answer";
    for (const pick of form.querySelectorAll("button[value]"))
      pick.setAttribute("aria-pressed", String(pick.value === guess.text));
    for (const each of form.elements) each.disabled = true; // who has seen the answer can't guess
  };
  const commit = (text) => {
    if (!text) return form.querySelector("input").focus();
    keep(key, { text });
    unlock(made.get(key));
    door.open = true;
    summary.focus();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    commit(form.querySelector("input").value.trim());
  });
  for (const pick of form.querySelectorAll("button[value]"))
    pick.addEventListener("click", () => commit(pick.value));
  summary.addEventListener("click", (event) => {
    if (made.has(key)) return;
    event.preventDefault();
    form.querySelector("output").textContent =
      "Guess first: a wrong guess is worth more than none.";
    form.querySelector("button, input").focus();
  });
  if (made.has(key)) unlock(made.get(key));
}

/** Tell what was guessed, in the question and beside its marks; and how it went, once that is known. */
function say(predict, { text, isRight }) {
  const [question, verdict] = [".guess output", ".verdict"].map((name) =>
    predict.querySelector(name),
  );
  const marked = isRight ? `✓ You guessed right: ${text}` : `✗ You guessed wrong: ${text}`;
  question.textContent = isRight === undefined ? `You guessed: ${text}` : marked;
  predict.dataset.mark = isRight === undefined ? "" : isRight ? "right" : "wrong";
  verdict.querySelector("span").textContent = `You guessed: ${text}. Were you right?`;
  for (const each of verdict.querySelectorAll("button"))
    each.setAttribute("aria-pressed", String(each.value === predict.dataset.mark));
}

/** The buttons to pick from, if the question offers answers, and a line to type one's own. */
function formFor(predict) {
  const form = document.createElement("form");
  const number = predict.id.replace("predict-", "");
  form.className = "guess";
  form.setAttribute("aria-label", `Your guess for Predict ${number}`);
  for (const choice of predict.dataset.choices.split("|").filter(Boolean)) {
    const button = document.createElement("button");
    button.type = "button"; // or Enter in the line below would press it
    button.value = button.textContent = choice;
    form.append(button);
  }
  const line = document.createElement("span");
  line.className = "own";
  line.innerHTML = '<input type="text" maxlength="80" autocomplete="off"><button>Guess</button>';
  const words = form.children.length ? "or in your own words" : "your guess";
  line.firstChild.placeholder = words;
  line.firstChild.setAttribute("aria-label", `${words}, Predict ${number}`);
  form.append(line, document.createElement("output"));
  return form;
}

/** Two buttons with which the reader says how it went: in view from when the answer opens. */
function verdictFor(tell) {
  const line = document.createElement("p");
  line.className = "verdict";
  line.innerHTML =
    '<span></span> <button type="button" value="right">Yes</button>' +
    '<button type="button" value="wrong">No, and now I know</button>';
  for (const button of line.querySelectorAll("button"))
    button.addEventListener("click", () => tell(button.value === "right"));
  return line;
}

/** How many were guessed, and how many of these right; a way to the first that nobody marked. */
function showScore(made, keys, doors) {
  const guessed = keys.filter((key) => made.has(key));
  const right = guessed.filter((key) => made.get(key).isRight).length;
  const unmarked = guessed.filter((key) => made.get(key).isRight === undefined);
  const part = (name, properties) => Object.assign(document.createElement(name), properties);
  const score = guessed.length ? [`${right} right of ${guessed.length} guessed`] : [];
  if (unmarked.length) {
    const { id } = doors[keys.indexOf(unmarked[0])].parentElement;
    score.push(", ", part("a", { href: `#${id}`, textContent: `${unmarked.length} to mark` }));
  }
  if (guessed.length)
    score.push(part("span", { className: "all", textContent: ` (${keys.length} in all)` }));
  document.getElementById("score").replaceChildren(...score);
}
