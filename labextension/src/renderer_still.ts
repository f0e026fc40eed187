/**
 * A picture of a view: what is drawn live, without what could be pressed. Knows the page and the marks on it (`data-live`),
 * no view. Text stays text: what draws puts it there as such, and nothing is parsed here.
 */
export type Draw = (element: HTMLElement, view: unknown, signal: AbortSignal) => void;

const PRESSED = '[data-live], button:not(.lg-id), textarea, input, select';

/** Make `element` hold a picture of `view`. */
export function drawStill(element: HTMLElement, view: unknown, draw: Draw): void {
  const picture = document.createElement('div');
  const life = new AbortController();
  draw(picture, view, life.signal);
  life.abort();
  for (const each of picture.querySelectorAll(PRESSED)) each.remove();
  for (const id of picture.querySelectorAll('button')) id.replaceWith(labelOf(id));
  for (const each of picture.querySelectorAll<HTMLElement>('[role=status], [role=grid], [aria-selected]'))
    quieten(each);
  element.replaceChildren(...picture.childNodes);
}

function labelOf(id: HTMLButtonElement): HTMLElement {
  const label = document.createElement('code');
  label.className = id.className;
  label.title = id.title;
  label.textContent = id.textContent;
  return label;
}

/** It announces nothing any more, and cannot be chosen. */
function quieten(element: HTMLElement): void {
  for (const name of ['role', 'aria-selected', 'tabindex']) element.removeAttribute(name);
  element.onclick = null;
}
