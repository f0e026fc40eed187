/** How times and ids read on a card. Pure. Says the same as lg_magics/views/words.py. */

/** `4.2 s`, `3 min 07 s`, `2 h 05 min`; tenths are cut, not rounded. */
export function duration(seconds: number): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const whole = Math.floor(seconds);
  if (whole < 60) return `${(Math.floor(seconds * 10) / 10).toFixed(1)} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${two(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** `r7 ·bff07`: the number and the id's tail. Ids are time-ordered, so their beginnings are all the same. */
export function shortId(number: string, id: string, tail: number): string {
  return `${number} ${id && '·' + [...id].slice(-tail).join('')}`.trim();
}
