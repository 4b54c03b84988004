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
    showScore(made, keys);
  };
  doors.forEach((door, place) => guard(door, keys[place], made, keep));
  showScore(made, keys);
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
  const verdict = verdictFor(predict, (isRight) => keep(key, { ...made.get(key), isRight }));
  const summary = door.querySelector("summary");
  door.before(form);
  door.querySelector(".behind").append(verdict);
  const unlock = (text) => {
    predict.classList.add("guessed");
    form.querySelector("output").textContent = `Your guess: ${text}`;
    summary.textContent = "The answer";
    for (const pick of form.querySelectorAll("button[value]"))
      pick.setAttribute("aria-pressed", String(pick.value === text));
    for (const each of form.elements) each.disabled = true; // who has seen the answer can't guess
    for (const each of verdict.querySelectorAll("button"))
      each.setAttribute("aria-pressed", String(made.get(key).isRight === (each.value === "right")));
  };
  const commit = (text) => {
    if (!text) return form.querySelector("input").focus();
    keep(key, { text, isRight: made.get(key)?.isRight });
    unlock(text);
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
  if (made.has(key)) unlock(made.get(key).text);
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

/** Two buttons below the answer, with which the reader says how it went. */
function verdictFor(predict, tell) {
  const line = document.createElement("p");
  line.className = "verdict";
  line.innerHTML =
    'Were you right? <button type="button" value="right">Yes</button>' +
    '<button type="button" value="wrong">No, and now I know</button>';
  const buttons = [...line.querySelectorAll("button")];
  for (const button of buttons) {
    button.setAttribute("aria-pressed", "false");
    button.addEventListener("click", () => {
      for (const each of buttons) each.setAttribute("aria-pressed", String(each === button));
      tell(button.value === "right");
    });
  }
  return line;
}

/** How many were guessed, and how many of these right. */
function showScore(made, keys) {
  const guesses = keys.filter((key) => made.has(key)).map((key) => made.get(key));
  const right = guesses.filter((each) => each.isRight).length;
  const score = document.getElementById("score");
  const all = Object.assign(document.createElement("span"), { className: "all" });
  all.textContent = ` (${keys.length} in all)`;
  score.replaceChildren(
    ...(guesses.length ? [`${right} right of ${guesses.length} guessed`, all] : []),
  );
}
