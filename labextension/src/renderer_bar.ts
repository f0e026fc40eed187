/** The line below a picture: why it is one, and a button where its kernel can do something about it. Knows words and the page. */
import type { Told } from '../shared/insert';
import { visibleText } from '../shared/visible_text';
import { type Loss, lossOf, otherVersion } from './renderer_kinds';
import type { Life } from './renderer_life';

/** What is said; there is a button where there is a line, or where the notebook can be trusted. */
export interface Bar extends Loss {
  canTrust?: true;
}

/** What is to be said below this view. */
export function barFor(view: unknown, life: Life): Bar {
  const version = otherVersion(view);
  const { words, ...way } = lossOf(view);
  const said: Record<Life, string> = {
    live: '',
    pending: '',
    gone: words,
    dead: words,
    alone: 'No kernel is here. This is the last that was seen.',
    unbound:
      'JupyterLab makes no widgets here: close the notebook and open it again, or install jupyterlab_widgets.',
    untrusted: 'This notebook is not trusted, so its buttons are off. This is the last that was seen.'
  };
  const lost = words ? said[life] : '';
  const canBeBack = life === 'gone' && lost !== '';
  const canTrust = life === 'untrusted' && lost !== '';
  return {
    words: [version, lost].filter(Boolean).join(' '),
    ...(canBeBack ? way : { line: '' }),
    ...(canTrust && { canTrust })
  };
}

/** Make `element` show this; what comes of a press is told beside the button. */
export function drawBar(element: HTMLElement, bar: Bar, press: () => Promise<Told>): void {
  const { words, line, run, canTrust } = bar;
  element.replaceChildren();
  element.hidden = !words;
  if (!words) return;
  element.append(part('span', '', words));
  if (!line && !canTrust) return;
  const label = canTrust ? 'Trust this notebook' : run ? 'Reattach' : 'Insert cell';
  const button = part('button', 'lg-reattach', label) as HTMLButtonElement;
  const told = part('span', 'lg-said', '');
  told.setAttribute('role', 'status');
  button.type = 'button';
  button.title = visibleText(line);
  let isUnderWay = false;
  button.onclick = async () => {
    if (isUnderWay) return;
    isUnderWay = true;
    told.textContent = '';
    const { said, failure } = await press();
    isUnderWay = false;
    told.textContent = visibleText([failure, said].filter(Boolean).join(' '));
  };
  element.append(' ', button, ' ', told);
}

function part(tag: string, name: string, words: string): HTMLElement {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.textContent = visibleText(words);
  return element;
}
