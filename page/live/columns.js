// From scores for each column of a line to its text: CTC, read backwards, as Python's
// handreader/ctc.py does it.
//
// `chances` are logarithms of how likely each sign is, a list for each column; sign 0 is the blank,
// that is, nothing new. Signs in a row that are equal are one, unless a blank parts them.

const BLANK = 0;
const BEAM = 8; // texts that are followed at a time
const RARE = Math.log(1e-4); // a sign less likely than this in a column isn't tried there

/** The logarithm of the sum of two numbers known by theirs. */
function add(one, other) {
  const [high, low] = one > other ? [one, other] : [other, one];
  return low === -Infinity ? high : high + Math.log1p(Math.exp(low - high));
}

/** The likeliest signs, all ways to spread them over the columns taken together: prefix beam search. */
export function bestPrefix(chances) {
  let beam = [{ signs: [], blank: 0, sign: -Infinity }];
  for (const column of chances) {
    const likely = column.flatMap((chance, sign) => (chance > RARE && sign !== BLANK ? [sign] : []));
    const after = grown(beam, column, likely);
    after.sort((a, b) => add(b.blank, b.sign) - add(a.blank, a.sign));
    beam = after.slice(0, BEAM);
  }
  return beam[0].signs;
}

/** All beginnings that one more column can make of these. */
function grown(beam, column, likely) {
  const after = new Map();
  const beginning = (signs) => {
    const key = signs.join();
    if (!after.has(key)) after.set(key, { signs, blank: -Infinity, sign: -Infinity });
    return after.get(key);
  };
  for (const { signs, blank, sign } of beam) {
    const either = add(blank, sign);
    const last = signs.at(-1);
    const same = beginning(signs);
    same.blank = add(same.blank, either + column[BLANK]);
    if (signs.length) same.sign = add(same.sign, sign + column[last]);
    for (const fresh of likely) {
      const longer = beginning([...signs, fresh]);
      longer.sign = add(longer.sign, (fresh === last ? blank : either) + column[fresh]);
    }
  }
  return [...after.values()];
}

/** A text as the states it goes through: a blank before, between and after its signs. */
function statesOf(signs) {
  return [BLANK, ...signs.flatMap((sign) => [sign, BLANK])];
}

/** Whether a state can follow the last but one: only if the blank between can be left out. */
function skips(states, i) {
  return i > 1 && states[i] !== BLANK && states[i] !== states[i - 2];
}

/** For each column and state how it is reached best: from itself, the one before, or two before. */
function walked(chances, signs, join) {
  const states = statesOf(signs);
  let reached = states.map((state, i) => (i < 2 ? chances[0][state] : -Infinity));
  for (const column of chances.slice(1))
    reached = states.map((state, i) => {
      const ways = [reached[i], reached[i - 1] ?? -Infinity];
      if (skips(states, i)) ways.push(reached[i - 2]);
      return join(ways, i) + column[state];
    });
  return reached;
}

/** The logarithm of how likely a text is: the sum over all ways through its states. */
export function likelihood(chances, signs) {
  const reached = walked(chances, signs, (ways) => ways.reduce(add));
  return reached.slice(-2).reduce(add);
}

/** Which state of a text each column is in, on the likeliest way (Viterbi's). */
function pathThrough(chances, signs) {
  const came = [];
  const reached = walked(chances, signs, (ways) => {
    const best = Math.max(...ways);
    came.push(ways.indexOf(best));
    return best;
  });
  const count = reached.length;
  const path = [count > 1 && reached.at(-1) <= reached.at(-2) ? count - 2 : count - 1];
  for (let column = chances.length - 2; column >= 0; column--)
    path.push(path.at(-1) - came[column * count + path.at(-1)]);
  return path.reverse();
}

/** How likely each sign is where it is likeliest. */
export function peaks(chances, signs) {
  const path = pathThrough(chances, signs);
  return signs.map((sign, number) => {
    const own = chances.filter((_, column) => path[column] === 2 * number + 1);
    return Math.exp(Math.max(...own.map((column) => column[sign])));
  });
}
