/** An element that is on the page. */
export function place(): HTMLElement {
  document.body.replaceChildren();
  return document.body.appendChild(document.createElement('div'));
}

export function find(element: Element, selector: string): HTMLElement {
  const found = element.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`no ${selector}`);
  return found;
}
