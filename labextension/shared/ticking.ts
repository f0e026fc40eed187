/** Times that go on by themselves: a mark on the page, and the hand that moves every marked one. */
import { h, type Maybe } from './dom';
import { duration } from '../runtime/duration';

/** A time that stood at `seconds` when the card came, `passed` seconds ago. */
export function ticking(name: string, seconds: number, goesOn: boolean, passed: number): Maybe {
  const shown = duration(goesOn ? seconds + passed : seconds);
  return h('b', { class: name, 'data-from': goesOn ? seconds : undefined }, shown);
}

/** Bring every marked time inside `element` to what it is now. */
export function tick(element: Element, passed: number): void {
  for (const time of element.querySelectorAll<HTMLElement>('[data-from]'))
    time.firstChild!.nodeValue = duration(Number(time.dataset.from) + passed);
}
