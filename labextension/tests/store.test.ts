/** Open items of the store as an anywidget, on a model that behaves as anywidget's does, with what the Python tests make. */
import { expect, it } from 'vitest';
import { KINDS } from '../src/renderer_kinds';
import { type ItemDetail, type Store, whyNotSaved } from '../shared/store';
import widget from '../widgets/store';
import { find, place } from './place';

type Sample = { store: Store; detail: ItemDetail };
const samples = import.meta.glob<Sample>('../../tests/store_fixtures/*.json', {
  eager: true,
  import: 'default'
});
const sample = (name: string) => structuredClone(samples[`../../tests/store_fixtures/${name}.json`]!);

class Model {
  readonly sent: Record<string, unknown>[] = [];
  private heard: [string, (value?: unknown) => void][] = [];
  constructor(private store: unknown) {}
  get = () => this.store;
  send = (message: Record<string, unknown>) => this.sent.push(message);
  on = (name: string, callback: () => void) => this.heard.push([name, callback]);
  off = (name: string, callback: () => void) =>
    (this.heard = this.heard.filter(([other, each]) => other !== name || each !== callback));
  emit(name: string, value?: unknown) {
    for (const [other, callback] of [...this.heard]) if (other === name) callback(value);
  }
  say = (message: object) => this.emit('msg:custom', message);
  set(store: unknown) {
    this.store = store;
    this.emit('change:store');
  }
  get listeners() {
    return this.heard.length;
  }
}

function shown(store: unknown = sample('todos').store) {
  const [element, model] = [place(), new Model(store)];
  const end = widget.render({ model, el: element } as never);
  const rows = () => [...element.querySelectorAll<HTMLElement>('tbody tr')];
  const part = (selector: string) => find(element, selector);
  const box = () => part('textarea') as HTMLTextAreaElement;
  const type = (text: string) => {
    box().value = text;
    box().dispatchEvent(new Event('input'));
  };
  const asked = (action: string) => model.sent.filter((each) => each.action === action);
  return { element, model, end, rows, part, box, type, asked };
}

/** Items with one chosen and looked at. */
function chosen(name = 'todos', at = 0) {
  const { store, detail } = sample(name);
  const view = shown(store);
  view.rows()[at]!.click();
  view.model.say({ action: 'detail', detail });
  return { ...view, store, detail, id: detail.id };
}

function editing() {
  const view = chosen();
  view.part('.lg-edit').focus();
  view.part('.lg-edit').click();
  return view;
}

const off = (button: HTMLElement) => button.getAttribute('aria-disabled') === 'true';

it('an item is a row with its cells; its namespace stands there where there are several', () => {
  const { rows, element, part } = shown();
  expect([...element.querySelectorAll('th')].map(({ textContent }) => textContent)).toEqual([
    'key',
    'task',
    'status',
    'deadline',
    'solutions',
    'time_to_complete',
    'id',
    'at.city',
    'updated'
  ]);
  expect([...rows()[1]!.children].slice(0, 3).map(({ textContent }) => textContent)).toEqual([
    '375d9596',
    'Call parents back',
    'done'
  ]);
  expect(part('.lg-soft').textContent).toBe('2 items in todo');
  const several = shown(sample('several').store);
  expect(several.rows().map((row) => find(row, '.lg-namespace').textContent)).toEqual([
    'todo/general/Test',
    'todo/general/Test',
    'profile/a\\/b c'
  ]);
});

it('a chosen item shows its value exactly, and is asked for anew each time', () => {
  const { part, rows, asked, element, detail } = chosen();
  expect(part('.lg-value').textContent).toBe(detail.text);
  expect(part('.lg-value').textContent).toContain('9007199254740993');
  rows()[1]!.click();
  expect(part('.lg-side').getAttribute('aria-busy')).toBe('true');
  expect(element.querySelector('.lg-edit')).toBeNull();
  rows()[0]!.click();
  expect(asked('select')).toHaveLength(3);
});

it('Save waits until the text is a mapping in JSON, and another one', () => {
  const { box, type, part, asked, detail } = editing();
  expect(document.activeElement).toBe(box());
  expect(box().selectionStart).toBe(0);
  expect(box().value).toBe(detail.text);
  const refused: Record<string, string> = {
    [detail.text]: 'Nothing is changed.',
    [detail.text.replace(/\n\s*/g, '')]: 'Nothing is changed.',
    '{"a": 1': 'This is not JSON',
    '': 'This is not JSON',
    '[1]': 'A value is a mapping',
    null: 'A value is a mapping',
    '"x"': 'A value is a mapping'
  };
  for (const [text, why] of Object.entries(refused)) {
    type(text);
    expect(part('.lg-check').textContent).toContain(why);
    expect(off(part('.lg-save'))).toBe(true);
    part('.lg-save').click();
  }
  expect(asked('save')).toEqual([]);
  type('{"a": 1}');
  expect(part('.lg-check').textContent).toBe('');
  expect(off(part('.lg-save'))).toBe(false);
});

it('numbers that a page would round, and white space in texts, are changes', () => {
  expect(whyNotSaved('{"n": 9007199254740993}', '{"n": 9007199254740992}')).toBe('');
  expect(whyNotSaved('{"n": 1.0}', '{"n": 1}')).toBe('');
  expect(whyNotSaved('{"a": "x  y"}', '{"a": "x y"}')).toBe('');
  expect(whyNotSaved('{"a": "\\" "}', '{"a": "\\""}')).toBe('');
  expect(whyNotSaved('{ "a" : "\\" " }', '{"a":"\\" "}')).toBe('Nothing is changed.');
});

it('what is typed is saved once, as it was typed, with the fingerprint of what was seen', () => {
  const { model, part, type, asked, box, id, detail, element } = editing();
  type('{"n": 9007199254740995}');
  part('.lg-save').focus();
  part('.lg-save').click();
  part('.lg-save').click();
  expect(asked('save')).toEqual([{ action: 'save', id, text: '{"n": 9007199254740995}', seen: detail.seen }]);
  expect(box().hasAttribute('readonly')).toBe(true);
  model.say({ action: 'detail', detail: { ...detail, text: '{"n": 9007199254740995}', seen: 'new' } });
  model.say({ action: 'saved', id, message: 'Saved.' });
  expect(part('[role=status]').textContent).toBe('Saved.');
  expect(element.querySelector('textarea')).toBeNull();
  expect(part('.lg-value').textContent).toBe('{"n": 9007199254740995}');
  expect(document.activeElement).toBe(part('.lg-edit'));
});

it('an item that was changed meanwhile is shown beside the text that is kept, and can be saved over', () => {
  const { model, part, type, asked, box, id, detail } = editing();
  type('{"mine": 1}');
  part('.lg-save').click();
  const now = { ...detail, text: '{"theirs": 1}', seen: 'theirs' };
  model.say({ action: 'changed', id, message: 'It was changed meanwhile.', detail: now });
  expect(part('[role=alert]').textContent).toBe('It was changed meanwhile.');
  expect(part('.lg-conflict pre').textContent).toBe('{"theirs": 1}');
  expect(box().value).toBe('{"mine": 1}');
  expect(part('.lg-save').textContent).toBe('Save over it');
  part('.lg-save').click();
  expect(asked('save')[1]).toEqual({ action: 'save', id, text: '{"mine": 1}', seen: 'theirs' });
});

it('an item that was deleted meanwhile can be made anew, or left', () => {
  const { model, part, type, asked, id, element } = editing();
  type('{"mine": 1}');
  part('.lg-save').click();
  model.say({ action: 'changed', id, message: 'It was deleted meanwhile.', detail: null });
  expect(part('.lg-conflict').textContent).toContain('saving makes it anew');
  expect(part('.lg-save').textContent).toBe('Make it anew');
  part('.lg-save').click();
  expect(asked('save')[1]).toMatchObject({ seen: '' });
  model.say({ action: 'failed', id, message: 'No answer.' });
  part('.lg-discard').click();
  expect(part('.lg-side').textContent).toContain('There is no such item any more.');
  expect(element.querySelector('.lg-edit')).toBeNull();
});

it('a failure keeps the text, and it can be saved again', () => {
  const { model, part, type, asked, box, id } = editing();
  type('{"a": "\\u0000"}');
  part('.lg-save').click();
  model.say({ action: 'failed', id, message: 'value.a holds <b>NUL</b>.' });
  expect(part('.lg-side [role=alert]').textContent).toBe('value.a holds <b>NUL</b>.');
  expect(box().value).toBe('{"a": "\\u0000"}');
  part('.lg-save').click();
  expect(asked('save')).toHaveLength(2);
});

it('what is typed stays while another item is looked at, and when the rows change without it', () => {
  const { model, part, type, rows, box, store, asked, element } = editing();
  type('{"mine": 1}');
  rows()[1]!.click();
  expect(element.querySelector('textarea')).toBeNull();
  rows()[0]!.click();
  expect(box().value).toBe('{"mine": 1}');
  expect(asked('select')).toHaveLength(2);
  model.set({ ...store, rows: store.rows.slice(1) });
  expect(box().value).toBe('{"mine": 1}');
  part('.lg-discard').click();
  model.set({ ...store, rows: store.rows.slice(1) });
  expect(element.querySelector('.lg-side')).toBeNull();
});

it('a delete is asked back, names the key, and is sent once with what was seen', () => {
  const { model, part, asked, id, detail, element, store } = chosen();
  part('.lg-delete').focus();
  part('.lg-delete').click();
  expect(part('.lg-question').textContent).toContain('Delete “18524803” from todo/general/Test?');
  expect(part('.lg-now').textContent).toBe('Delete 18524803');
  expect(document.activeElement).toBe(part('.lg-keep'));
  expect(asked('delete')).toEqual([]);
  part('.lg-now').click();
  part('.lg-now').click();
  expect(asked('delete')).toEqual([{ action: 'delete', id, seen: detail.seen }]);
  model.say({ action: 'deleted', id, message: 'Deleted.' });
  model.set({ ...store, rows: store.rows.slice(1) });
  expect(part('[role=status]').textContent).toBe('Deleted.');
  expect(element.querySelector('.lg-side')).toBeNull();
  expect(element.contains(document.activeElement)).toBe(true);
});

it('a delete that is left, or of an item that was changed meanwhile, does nothing', () => {
  const { model, part, rows, asked, id, detail } = chosen();
  part('.lg-delete').click();
  part('.lg-keep').click();
  part('.lg-delete').click();
  rows()[1]!.click();
  rows()[0]!.click();
  model.say({ action: 'detail', detail });
  expect(asked('delete')).toEqual([]);
  part('.lg-delete').click();
  part('.lg-now').click();
  model.say({
    action: 'changed',
    id,
    message: 'It was changed.',
    detail: { ...detail, text: '{}', seen: 'x' }
  });
  expect(part('.lg-value').textContent).toBe('{}');
  expect(part('[role=alert]').textContent).toBe('It was changed.');
  part('.lg-delete').click();
  part('.lg-now').click();
  expect(asked('delete')[1]).toMatchObject({ seen: 'x' });
});

it('an item that was gone when it was to be deleted goes from the rows, and that is said', () => {
  const { model, part, store, id, element } = chosen();
  part('.lg-delete').click();
  part('.lg-now').click();
  model.say({ action: 'changed', id, message: 'It was deleted meanwhile.', detail: null });
  expect(part('.lg-side [role=alert]').textContent).toBe('It was deleted meanwhile.');
  model.set({ ...store, rows: store.rows.slice(1) });
  expect(element.querySelector('.lg-side')).toBeNull();
  expect(part('[role=alert]').textContent).toBe('It was deleted meanwhile.');
});

it('a value that is too long to edit says how long it is, and what to type', () => {
  const { part, element } = chosen('huge');
  expect(off(part('.lg-edit'))).toBe(true);
  part('.lg-edit').click();
  expect(element.querySelector('textarea')).toBeNull();
  expect(part('.lg-why').textContent).toContain('300,011 characters are too many to edit here');
  expect(part('.lg-side').textContent).toContain('This is the beginning of 300,011 characters.');
});

it('the keys of the text box are its own; rows are chosen by Enter', () => {
  const { element, box, rows, asked } = editing();
  const reached: string[] = [];
  document.body.onkeydown = ({ key }) => reached.push(key);
  const press = (target: HTMLElement, key: string) =>
    target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }));
  for (const key of ['Enter', 'ArrowUp', 'd', 'Escape', ' ']) expect(press(box(), key)).toBe(true);
  rows()[0]!.focus();
  press(rows()[0]!, 'ArrowDown');
  press(rows()[1]!, 'Enter');
  expect(reached).toEqual([]);
  expect(rows()[1]!.getAttribute('aria-selected')).toBe('true');
  expect(asked('select')).toHaveLength(2);
  expect(element.contains(document.activeElement)).toBe(true);
});

it('Close is sent, and everything stops when the view goes', () => {
  const { model, part, end, asked } = shown();
  part('.lg-close').click();
  expect(asked('close')).toHaveLength(1);
  end();
  expect(model.listeners).toBe(0);
});

it('hostile strings are text', () => {
  const { element, part } = chosen('hostile');
  expect(element.querySelectorAll('img, script, b > *')).toHaveLength(0);
  expect(part('.lg-head b').textContent).toContain('<img src=x');
  expect(part('.lg-note').textContent).toContain('<img src=x');
  expect(part('.lg-value').textContent).toContain('<img src=x');
  part('.lg-delete').click();
  expect(part('.lg-question').textContent).toContain('<img src=x');
  expect(element.querySelectorAll('img')).toHaveLength(0);
});

it.each([null, 'x', 7, [], {}, { protocol: 2 }, { rows: [null, 3, { id: 7, cells: 1 }], columns: 'x' }])(
  'any JSON can be drawn: %j',
  (json) => {
    const { part, model, rows } = shown(json);
    expect(part('.lg-note').textContent).toContain('another version');
    rows()[0]?.click();
    for (const action of ['detail', 'changed', 'saved', 'deleted', 'failed', 'x'])
      model.say({ action, detail: json });
    model.say({});
  }
);

const { loss } = KINDS['application/vnd.lg-magics.store+json']!;

it('items whose kernel is gone say so, and how to open them again', () => {
  expect(loss(sample('todos').store).words).toContain('The kernel that kept these items open is gone.');
  expect(loss(sample('todos').store).line).toBe('%lg_store search --open todo');
  expect(loss(sample('several').store).line).toBe('%lg_store search --open /');
  expect(loss({ ...sample('todos').store, prefix: 'todo/general/Test-1' }).line).toContain(
    'todo/general/Test-1'
  );
});

it.each(['x\n!rm -rf /', '$(x)', '-x', 'a//b', '', 'a b', '<img src=x>'])(
  'a namespace that is not plain makes no line: %j',
  (prefix) => expect(loss({ ...sample('todos').store, prefix }).line).toBe('')
);
