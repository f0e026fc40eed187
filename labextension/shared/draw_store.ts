/**
 * Open items of the store on a page: a function of the items and of what the page knows. Asks nobody, remembers nothing.
 * The rows are a grid with one stop for Tab; the chosen item's value stands beside it, or below where it is narrow.
 */
import { h, type Maybe, patch } from './dom';
import { localTime } from './draw_history';
import { NO_KERNEL } from './hearing';
import { type Item, type ItemDetail, type Store, whyNotSaved } from './store';

/** What a person has typed for an item, and the value that was seen when it began. */
export interface Draft {
  text: string;
  before: string;
  seen: string;
}

/** What only the page knows about items, and what a person can do with them. */
export interface StorePage {
  /** A kernel hears what is asked; else these are rows to read, and what was typed. */
  isHeard: boolean;
  /** The item that was chosen, also when a search does not find it any more. */
  chosen: Item | null;
  stop: string;
  /** What the kernel said of the chosen item, once it has. */
  detail: ItemDetail | null;
  draft: Draft | null;
  /** Somebody else changed the item while it was edited, and this was told. */
  conflict: boolean;
  /** What was asked for and is under way, or asked back. */
  state: 'idle' | 'saving' | 'asking' | 'deleting';
  said: string;
  failure: string;
  select(id: string): void;
  edit(): void;
  type(text: string): void;
  save(): void;
  discard(): void;
  askDelete(): void;
  deleteNow(): void;
  keep(): void;
  insert(item: Item): void;
  close(): void;
}

/** Make `element` show these items; what already shows them is left alone. */
export function drawStore(element: Element, store: Store, page: StorePage): void {
  const frame = { class: 'lg-history lg-store', role: 'group', 'aria-label': `items in ${store.title}` };
  const body = h(
    'div',
    { class: 'lg-two' },
    drawRows(store, page),
    page.chosen && (page.isHeard || page.draft) ? drawSide(page.chosen, page) : null
  );
  patch(element, [h('div', frame, drawHead(store, page), body)]);
}

function drawHead({ title, headline, note }: Store, page: StorePage): Maybe {
  return [
    h(
      'div',
      { class: 'lg-head' },
      h('b', {}, title),
      h('span', { class: 'lg-soft' }, headline),
      page.isHeard && h('button', { class: 'lg-close', type: 'button', click: () => page.close() }, 'Close')
    ),
    note && h('div', { class: 'lg-note' }, note),
    !page.isHeard && h('div', { class: 'lg-note', key: 'alone' }, NO_KERNEL),
    h('div', { class: 'lg-said', role: 'status' }, page.said),
    !page.chosen && drawFailure(page)
  ];
}

/** Beside what was pressed: over a long table nobody sees it. */
const drawFailure = ({ failure }: StorePage): Maybe =>
  failure && h('div', { class: 'lg-failure', role: 'alert' }, failure);

function drawRows({ title, columns, rows }: Store, page: StorePage): Maybe {
  const several = new Set(rows.map(({ namespace }) => namespace)).size > 1;
  const names = [...(several ? ['namespace'] : []), 'key', ...columns, 'updated'];
  const head = names.map((name, place) => h('th', { key: `${place} ${name}`, scope: 'col' }, name));
  const body = rows.map((row) => drawRow(row, several, page));
  const grid = {
    class: 'lg-rows',
    role: page.isHeard ? 'grid' : undefined,
    'aria-label': `items in ${title}`
  };
  return h(
    'div',
    { class: 'lg-scroll' },
    h('table', grid, h('thead', {}, h('tr', { key: 'head' }, head)), h('tbody', {}, body))
  );
}

function drawRow(row: Item, several: boolean, page: StorePage): Maybe {
  const choose = {
    'aria-selected': String(row.id === page.chosen?.id),
    tabindex: row.id === page.stop ? 0 : -1,
    click: () => page.select(row.id)
  };
  const properties = { key: row.id, 'data-id': row.id, ...(page.isHeard ? choose : {}) };
  return h(
    'tr',
    properties,
    several && h('td', { class: 'lg-namespace' }, row.namespace),
    h('td', { class: 'lg-key' }, row.key),
    row.cells.map((words, place) => h('td', { key: `cell ${place}` }, words)),
    h('td', { class: 'lg-when', title: row.when || undefined }, localTime(row.when))
  );
}

function drawSide(item: Item, page: StorePage): Maybe {
  const waits = !page.detail && !page.failure;
  const label = `${item.key} in ${item.namespace}`;
  return h(
    'div',
    { class: 'lg-side', role: 'region', 'aria-label': label, 'aria-busy': waits },
    h('div', { class: 'lg-name' }, h('b', {}, item.key), h('span', { class: 'lg-soft' }, item.namespace)),
    page.draft ? drawEditor(item, page.draft, page) : page.detail && drawValue(page.detail),
    waits && !page.draft && h('div', { class: 'lg-soft', key: 'waits' }, 'fetching…'),
    page.state === 'asking' || page.state === 'deleting'
      ? drawQuestion(item, page)
      : !page.draft && page.detail && drawButtons(item, page.detail, page),
    drawFailure(page)
  );
}

function drawValue({ seen, text, size }: ItemDetail): Maybe {
  if (!seen) return h('div', { class: 'lg-soft', key: 'gone' }, 'There is no such item any more.');
  return [
    h('pre', { class: 'lg-value', tabindex: 0, 'aria-label': 'value' }, text),
    size > 0 &&
      h(
        'div',
        { class: 'lg-soft', key: 'size' },
        `This is the beginning of ${size.toLocaleString('en')} characters.`
      )
  ];
}

function drawButtons(item: Item, detail: ItemDetail, page: StorePage): Maybe {
  const edit = {
    class: 'lg-edit',
    type: 'button',
    'aria-disabled': Boolean(detail.why_not),
    click: () => !detail.why_not && page.edit()
  };
  return h(
    'div',
    { class: 'lg-buttons' },
    detail.seen && [
      h('button', edit, 'Edit'),
      h('button', { class: 'lg-delete', type: 'button', click: () => page.askDelete() }, 'Delete')
    ],
    h('button', { class: 'lg-insert', type: 'button', click: () => page.insert(item) }, 'Insert cell'),
    h('code', {}, item.line),
    detail.why_not && h('div', { class: 'lg-why' }, detail.why_not)
  );
}

function drawEditor(item: Item, draft: Draft, page: StorePage): Maybe {
  const saving = page.state === 'saving';
  const why = page.isHeard ? whyNotSaved(draft.text, page.conflict ? '' : draft.before) : NO_KERNEL;
  const box = {
    class: 'lg-box',
    rows: Math.min(24, Math.max(6, draft.text.split('\n').length + 1)),
    'aria-label': `value of ${item.key}, as JSON`,
    'aria-invalid': why.startsWith('This is not') || why.startsWith('A value'),
    spellcheck: 'false',
    readonly: saving,
    value: draft.text,
    input: (text: string) => page.type(text)
  };
  const save = {
    class: 'lg-save',
    type: 'button',
    'aria-disabled': Boolean(why) || saving,
    click: () => !why && !saving && page.save()
  };
  const discard = {
    class: 'lg-discard',
    type: 'button',
    'aria-disabled': saving,
    click: () => !saving && page.discard()
  };
  const again = page.detail?.seen ? 'Save over it' : 'Make it anew';
  return [
    page.conflict && drawConflict(page.detail),
    h('textarea', box),
    h('div', { class: 'lg-check', 'aria-live': 'polite' }, why),
    h(
      'div',
      { class: 'lg-buttons', key: 'editing' },
      h('button', save, saving ? 'saving…' : page.conflict ? again : 'Save'),
      h('button', discard, 'Discard')
    )
  ];
}

function drawConflict(now: ItemDetail | null): Maybe {
  return h(
    'div',
    { class: 'lg-conflict', role: 'group', 'aria-label': 'the value as it is now' },
    h('div', {}, now?.seen ? 'As it is now:' : 'There is no such item now: saving makes it anew.'),
    now?.seen ? h('pre', { class: 'lg-value', tabindex: 0 }, now.text) : null
  );
}

function drawQuestion({ key, namespace }: Item, page: StorePage): Maybe {
  const going = page.state === 'deleting';
  const now = {
    class: 'lg-now',
    type: 'button',
    'aria-disabled': going,
    click: () => !going && page.deleteNow()
  };
  return h(
    'div',
    { class: 'lg-question', role: 'group', 'aria-label': 'Delete it?' },
    h('div', {}, `Delete “${key}” from ${namespace}? It cannot be brought back.`),
    h('button', now, going ? 'deleting…' : `Delete ${short(key)}`),
    h('button', { class: 'lg-keep', type: 'button', click: () => page.keep() }, 'Leave it')
  );
}

const short = (key: string) => ([...key].length > 40 ? `${[...key].slice(0, 39).join('')}…` : key);
