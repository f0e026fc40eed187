/** The line below a picture: why it is one, and a button where its kernel can do something about it. Knows words and the page. */
import { insertOrCopy } from '../shared/insert';
import { type Kind, otherVersion } from './renderer_kinds';
import type { Life } from './renderer_life';

export interface Bar {
  words: string;
  /** What a press on Reattach puts into a cell; no button without it. */
  line: string;
}

/** What is to be said below this view. */
export function barFor(view: unknown, kind: Kind, life: Life): Bar {
  const version = otherVersion(view);
  const { words, line } = kind.loss(view);
  const said: Record<Life, string> = {
    live: '',
    pending: '',
    gone: words,
    alone: 'No kernel is here. This is the last that was seen.',
    unbound: 'JupyterLab has given this notebook no live outputs: close it and open it again.',
    untrusted: 'This notebook is not trusted: nothing can be done from here. This is the last that was seen.'
  };
  const lost = words ? said[life] : '';
  return { words: [version, lost].filter(Boolean).join(' '), line: life === 'gone' && lost ? line : '' };
}

/** Make `element` show this; a press asks the page for a new cell. */
export function drawBar(element: HTMLElement, { words, line }: Bar): void {
  element.replaceChildren();
  element.hidden = !words;
  if (!words) return;
  element.append(part('span', '', words));
  if (!line) return;
  const button = part('button', 'lg-reattach', 'Reattach') as HTMLButtonElement;
  const told = part('span', 'lg-said', '');
  told.setAttribute('role', 'status');
  button.type = 'button';
  button.title = `Insert a cell: ${line}`;
  button.onclick = async () => {
    const { said, failure } = await insertOrCopy(element, line);
    told.textContent = said || failure;
  };
  element.append(' ', button, ' ', told);
}

function part(tag: string, name: string, words: string): HTMLElement {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.textContent = words;
  return element;
}
