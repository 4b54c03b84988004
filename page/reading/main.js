// What makes the page easy to read. Without any of it, the page is a document that says the same.
import { startTheme } from "./theme.js";
import { startContents } from "./contents.js";
import { startCode } from "./code.js";
import { startFigures } from "./figures.js";
import { startGuesses } from "./guesses.js";
import { startPrinting } from "./printing.js";

startTheme();
startContents();
startCode();
startFigures();
startGuesses();
startPrinting();
