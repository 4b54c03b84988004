// The training run in a worker, so that the page never waits for it.
import { trainer } from "./trainer.js";

let command = null;

onmessage = ({ data }) => {
  if (data.packed) command = trainer(data.packed, (news) => postMessage(news));
  else command(data.command, data.settings);
};
