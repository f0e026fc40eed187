/** How ids read on a card. Pure. Says the same as lg_magics/views/words.py. */

/** `r7 ·bff07`: the number and the id's tail. Ids are time-ordered, so their beginnings are all the same. */
export function shortId(number: string, id: string, tail: number): string {
  return `${number} ${id && '·' + [...id].slice(-tail).join('')}`.trim();
}
