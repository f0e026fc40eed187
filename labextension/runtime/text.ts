/** Texts that the page makes itself: a duration, and the error of typed JSON. Pure. */

/** `4.2 s`, `3 min 07 s`, `2 h 05 min`; rounded down to tenths, as in lg_magics/model/duration.py. */
export function duration(seconds: number): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const whole = Math.max(0, Math.floor(seconds));
  if (seconds < 0.1) return '<0.1 s';
  if (whole < 60) return `${(Math.floor(seconds * 10) / 10).toFixed(1)} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${two(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** The first error, with its line and column; '' if there is none. */
export function jsonProblem(text: string): string {
  const problem = problemOf(text);
  if (!problem) return '';
  let at = Number(/ in JSON at position (\d+)[^"]*$/.exec(problem)?.[1]) + 1;
  if (!at) {
    // Browsers give no position of an invalid token: it ends the shortest prefix with this error.
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
