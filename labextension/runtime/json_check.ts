/** What is wrong with a text that is to be JSON, with its line and column. Pure. */

/** Words about the first mistake; '' if there is none. */
export function jsonProblem(text: string): string {
  const problem = problemOf(text);
  if (!problem) return '';
  let at = Number(/position (\d+)/.exec(problem)?.[1]) + 1;
  if (!at) {
    // Browsers name no place of a wrong token: it is the last letter of the shortest beginning that has one.
    let good = 0;
    at = text.length;
    while (at - good > 1) {
      const middle = (good + at) >> 1;
      if (/token|charac/.test(problemOf(text.slice(0, middle)))) at = middle;
      else good = middle;
    }
  }
  const lines = text.slice(0, at - 1).split('\n');
  return `This is not JSON: line ${lines.length}, column ${lines.at(-1)!.length + 1}.`;
}

function problemOf(text: string): string {
  try {
    JSON.parse(text);
    return '';
  } catch (problem) {
    return String(problem);
  }
}
