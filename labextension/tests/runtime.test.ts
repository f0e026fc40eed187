/** The runtime: any JSON is drawn and does nothing, the page's own state survives updates, requests always end. */
import { afterEach, expect, it, vi } from 'vitest';
import { checked, TOO_LARGE } from '../runtime/allowed';
import { jsonProblem } from '../runtime/text';
import { applied, TreeSource } from '../runtime/tree_source';
import { fromPython, NAMES, SAMPLES, settle, shown, treeOf } from './cards';
import { find } from './place';

afterEach(() => sessionStorage.clear());

type Json = unknown[];
const p = (...children: unknown[]): Json => ['p', {}, ...children];
const form = (...children: unknown[]): Json => ['div', { key: 'f', 'data-form': 'answers' }, ...children];

// -- what may be drawn ----------------------------------------------------------------------------------------

it('what is not allowed is not drawn, and text stays text', () => {
  const hostile = [
    ['script', {}, 'hacked = 1'],
    ['img', { src: 'x', onerror: 'hacked = 2' }],
    ['p', { onclick: 'x', id: 'x', style: 'x', class: 'jp-Dialog lg-a', 'data-commandlinker-command': 'x' }, '<b>'],
    ['a', { href: 'javascript:hacked = 3' }, 'link'],
    ['input', { type: 'password' }],
    ['iframe', { src: 'x' }],
    null,
    7,
    { tag: 'b' }
  ];
  const { element } = shown(['div', {}, ...hostile]);
  expect(element.innerHTML).toBe(
    '<div><span>hacked = 1</span><span></span><p class="lg-a">&lt;b&gt;</p><a>link</a><input><span></span></div>'
  );
});

it('a tree that nobody checked loads nothing and runs nothing either', () => {
  const hostile = [
    ...['script', 'IMG', 'iframe', 'form', 'style', 'object'].map((tag) => [tag, { src: 'x', onerror: 'x' }]),
    ['a', { href: ' javascript:x', onclick: 'x', style: 'x', 'xlink:href': 'x' }, 'a'],
    ['svg', {}, ['use', { href: 'x' }], ['path', { onload: 'x' }]],
    ['button', { key: 'b', formaction: 'javascript:x' }]
  ];
  const { element } = shown(['div', {}, ...hostile], { isChecked: false });
  expect(element.querySelector(NEVER)).toBeNull();
  expect(element.querySelector('[src], [href], [onload], [formaction], use')).toBeNull();
});

it('links are opened apart', () => {
  const { element } = shown(['a', { href: 'https://example.org/' }, 'x']);
  expect(find(element, 'a').getAttribute('rel')).toBe('noopener noreferrer');
});

it.each([
  null,
  7,
  'x',
  [],
  {},
  [[]],
  [1, 2],
  ['div'],
  ['div', null],
  ['div', [], [[[]]]],
  [{}],
  ['svg', {}, ['path', { d: 'M0 0' }]]
])('any JSON can be drawn, live and still: %j', (json) => {
  for (const isLive of [true, false]) expect(() => shown(json, { isLive })).not.toThrow();
});

it('what passes a limit is too large to show', () => {
  let deep: unknown = 'x';
  for (let level = 0; level < 5_000; level++) deep = ['div', {}, deep];
  for (const tree of [deep, p('x'.repeat(500_001)), p(...Array(20_001).fill(['b', {}]))])
    expect(checked(tree)).toBe(TOO_LARGE);
  expect(checked(['div', ['p', 'x'.repeat(300_000)]])).not.toBe(TOO_LARGE); // a child in the place of the attributes counts once
});

it('svg is drawn as svg', () => {
  const { element } = shown(['svg', { viewBox: '0 0 10 10' }, ['path', { d: 'M0 0L1 1' }]]);
  expect(find(element, 'path').namespaceURI).toBe('http://www.w3.org/2000/svg');
});

const NEVER = 'script, img, iframe, form, object, [style]:not([style^="--"]), [id], [onclick], [onerror]';
const ATOMS = [null, 7, true, 'x', '<b>', 'lg-a', 'https://x', 'javascript:x', {}, { class: 'x', href: 'y' }];
const NAMED = ['div', 'p', 'script', 'img', 'button', 'details', 'textarea', 'svg', 'use', 'style', 'form'];

it('hundreds of random trees are drawn, live and still, without an exception or an element of another kind', () => {
  let seed = 7;
  const random = (most: number) => (seed = (seed * 48_271) % 2_147_483_647) % most;
  const made = (depth: number): unknown => {
    if (depth > 4 || !random(4)) return ATOMS[random(ATOMS.length)];
    const attributes = Object.fromEntries(
      ['class', 'onclick', 'data-act', 'data-form', 'data-shows', 'open', 'id', 'style', 'key']
        .filter(() => !random(3))
        .map((name) => [name, ATOMS[random(ATOMS.length)]])
    );
    const children = Array.from({ length: random(4) }, () => made(depth + 1));
    return [NAMED[random(NAMED.length)], random(5) ? attributes : null, ...children];
  };
  for (let count = 0; count < 400; count++) {
    const { element } = shown(made(0), { isLive: count % 2 > 0 });
    expect(element.querySelector(NEVER)).toBeNull();
  }
});

// -- a picture ------------------------------------------------------------------------------------------------

const words = (html: string) => {
  const element = document.createElement('div');
  element.innerHTML = html;
  return element.textContent;
};

it.each(NAMES)('the picture of %s shows what the saved HTML shows, and nothing in it can be pressed', (name) => {
  const { element } = shown(treeOf(name), { isLive: false });
  expect(element.textContent).toBe(words(SAMPLES[name]!.html));
  expect(element.querySelectorAll('button, input, textarea, select, [role=status]')).toHaveLength(0);
});

// -- updates --------------------------------------------------------------------------------------------------

it('changes that Python makes turn one card into any other', () => {
  const script = `
import json, sys
sys.path[:0] = ["tests"]
from view_samples import TREES
from lg_magics.live.changes import changes
trees = [tree for name, tree in TREES.items() if " " not in name or name in ("batch running", "batch error", "store todos")]
print(json.dumps([[a, b, changes(a, b)] for a in trees for b in trees]))`;
  for (const [old, next, changes] of fromPython('-c', script) as [unknown, unknown, unknown[]][]) {
    const before = JSON.stringify(old);
    expect(withoutClocks(applied(old, changes))).toEqual(withoutClocks(next));
    expect(JSON.stringify(old)).toBe(before);
  }
});

/** A running clock's text is the page's own. */
const withoutClocks = (tree: unknown): unknown =>
  Array.isArray(tree)
    ? (tree[1] as Record<string, string>)?.['data-since']
      ? tree.slice(0, 2)
      : tree.map(withoutClocks)
    : tree;

it.each([[['text', [7], 'x']], [['burn', []]], ['x'], [null]])('a change that does not fit throws: %j', (change) => {
  expect(() => applied(p('a'), [change])).toThrow();
});

it('drawing one card after any other leaves nothing of the first', () => {
  vi.useFakeTimers({ now: 1_000_000 });
  const { element, show } = shown('');
  for (const from of NAMES)
    for (const to of ['running', 'waiting', 'success']) {
      show(treeOf(from));
      show(treeOf(to));
      expect(element.textContent).toBe(shownText(to, element));
    }
  vi.useRealTimers();
});

const texts = new Map<string, string>();
function shownText(name: string, element: HTMLElement): string {
  if (!texts.has(name)) texts.set(name, element.textContent!);
  return texts.get(name)!;
}

it('does not touch what is the same', () => {
  const { element, show } = shown(treeOf('success'));
  const observer = new MutationObserver(() => undefined);
  observer.observe(element, { subtree: true, childList: true, attributes: true, characterData: true });
  show(treeOf('success'));
  expect(observer.takeRecords()).toEqual([]);
});

it('a selection stays in text that grows', () => {
  const { element, show } = shown(p('Buy'));
  const text = find(element, 'p').firstChild as Text;
  document.getSelection()!.setBaseAndExtent(text, 0, text, 3);
  show(p('Buy milk'));
  expect(find(element, 'p').firstChild).toBe(text);
  expect(document.getSelection()!.toString()).toBe('Buy');
});

const list = (names: string) => ['ul', {}, ...[...names].map((name) => ['li', { key: name }, ['input', { key: 'i' }]])];

it('rows that move stay the same elements, and the focus stays in its row', () => {
  const { element, show } = shown(list('abcd'));
  const rows = () => [...element.querySelectorAll('li')];
  const [a, b, c, d] = rows();
  c!.querySelector('input')!.focus();
  show(list('dcab'));
  expect(rows()).toEqual([d, c, a, b]);
  expect(document.activeElement).toBe(c!.querySelector('input'));
  show(list('acbd'));
  expect(rows()).toEqual([a, c, b, d]);
  expect(document.activeElement).toBe(c!.querySelector('input'));
});

it('the focus goes where a button says when it is gone', () => {
  const stop = ['button', { key: 'stop', 'data-act': 'x', 'data-focus': 'next' }, 'Stop'];
  const next = ['button', { key: 'next', 'data-act': 'y' }, 'Next'];
  const { element, show, button } = shown(['div', {}, stop, next]);
  button('Stop').focus();
  show(['div', {}, next]);
  expect(document.activeElement).toBe(find(element, 'button'));
});

it('the focus goes to the last of several places that is there', () => {
  const gone = ['button', { key: 'gone', 'data-act': 'x', 'data-focus': 'top row' }, 'Gone'];
  const [top, row] = ['top', 'row'].map((key) => ['button', { key, 'data-act': 'y' }, key]);
  const { show, button } = shown(['div', {}, top, row, gone]);
  for (const [left, name] of [
    [[top, row], 'row'],
    [[top], 'top']
  ] as const) {
    show(['div', {}, top, row, gone]);
    button('Gone').focus();
    show(['div', {}, ...left]);
    expect(document.activeElement).toBe(button(name));
  }
});

it('a fold that was opened stays open, and one that was closed stays closed', async () => {
  const tree = (text: string) => ['div', {}, ['details', { key: 'd', open: '' }, ['summary', {}, 's'], text]];
  const { element, show } = shown(tree('a'));
  const fold = find(element, 'details') as HTMLDetailsElement;
  fold.open = false;
  await settle();
  show(tree('b'));
  expect(fold.open).toBe(false);
});

it('a click on a fold holds when an update comes before the event of the fold', async () => {
  const tree = (text: string) => ['div', {}, ['details', { key: 'd' }, ['summary', {}, ['b', {}, 's']], text]];
  const { element, show } = shown(tree('a'));
  const fold = find(element, 'details') as HTMLDetailsElement;
  for (const isOpen of [true, false]) {
    find(element, 'b').click();
    show(tree(`b ${isOpen}`));
    await settle();
    expect(fold.open).toBe(isOpen);
  }
});

it('a link or a button in a fold’s summary does not move the fold', () => {
  const inside = [['a', { href: 'https://x.org/' }, 'x'], ['button', { key: 'k', 'data-choice': 'c:x' }, 'c']]; // prettier-ignore
  const { element } = shown(['details', { key: 'd' }, ['summary', {}, ...inside], 'text']);
  find(element, 'a').click();
  find(element, 'button').click();
  expect((find(element, 'details') as HTMLDetailsElement).open).toBe(false);
});

it('a fold of a picture opens', async () => {
  const { element } = shown(['details', { key: 'd' }, ['summary', {}, 's']], { isLive: false });
  const fold = find(element, 'details') as HTMLDetailsElement;
  fold.open = true;
  await settle();
  expect(fold.open).toBe(true);
});

it('a clock goes on by itself, by the kernel’s clock', () => {
  vi.useFakeTimers({ now: 1_000_000 });
  const { element, show, end } = shown('');
  show(['span', { 'data-since': '998' }, 'old'], 5);
  expect(element.textContent).toBe('7.0 s');
  vi.advanceTimersByTime(2_500);
  expect(element.textContent).toBe('9.5 s');
  end();
  vi.advanceTimersByTime(2_500);
  expect(element.textContent).toBe('9.5 s');
  vi.useRealTimers();
});

/** jsdom lays nothing out: heights are given. */
function sized(box: HTMLElement, whole: number, seen: number) {
  Object.defineProperty(box, 'scrollHeight', { value: whole, configurable: true });
  Object.defineProperty(box, 'clientHeight', { value: seen, configurable: true });
}

function scrolled(box: HTMLElement, top: number) {
  sized(box, 500, 100);
  box.scrollTop = top;
  box.dispatchEvent(new Event('scroll'));
}

it.each([
  [400, 500],
  [120, 120]
])('text that grows is followed by who has scrolled to its end: from %d to %d', (before, after) => {
  const tree = (text: string) => ['div', { 'data-stick': '', class: 'lg-text' }, text];
  const { element, show } = shown(tree('a'));
  const box = find(element, '.lg-text');
  scrolled(box, before);
  show(tree('ab'));
  expect(box.scrollTop).toBe(after);
});

it.each([
  [400, 900],
  [120, 120]
])(
  'text that has grown on a hidden page is followed as before when the page is shown: from %d to %d',
  (before, after) => {
    const tree = (text: string) => ['div', { 'data-stick': '', class: 'lg-text' }, text];
    const { element, show } = shown(tree('a'));
    const box = find(element, '.lg-text');
    scrolled(box, before);
    sized(box, 0, 0);
    show(tree('ab'));
    sized(box, 900, 100);
    box.scrollTop = before; // which the browser restores, without an event
    show(tree('abc'));
    expect(box.scrollTop).toBe(after);
  }
);

// -- requests -------------------------------------------------------------------------------------------------

const act = (attributes: object, label = 'Go') => ['button', { key: 'go', 'data-act': 'go', ...attributes }, label];

it('a request says that it is busy until the response, and is sent once', async () => {
  const { element, asked, button } = shown(['div', {}, act({ 'data-busy': 'Going…', 'data-args': '{"n": 2}' })]);
  button('Go').focus();
  button('Go').click();
  button('Going…').click();
  expect(asked.map(({ command, given }) => [command, given])).toEqual([['go', { n: 2 }]]);
  expect(button('Going…').getAttribute('aria-disabled')).toBe('true');
  expect(document.activeElement).toBe(button('Going…'));
  asked[0]!.resolve({ message: 'Gone.' });
  await settle();
  expect(find(element, '[role=status]').textContent).toBe('Gone.');
  button('Go').click();
  expect(element.querySelector('[role=status]')).toBeNull();
});

it('what is to be confirmed is asked in place, and sent once by the same words', async () => {
  const question = { 'data-confirm': 'Delete t5? Its runs go too.', 'data-focus': 'go' };
  const { element, asked, button, show } = shown(['div', {}, act(question, 'Delete'), p('x')]);
  button('Delete').focus();
  button('Delete').click();
  const group = find(element, '[role=group]');
  expect([group.getAttribute('aria-label'), group.textContent]).toEqual([
    'Delete?',
    'Delete t5? Its runs go too.DeleteKeep'
  ]);
  expect(document.activeElement).toBe(button('Keep'));
  button('Delete').click();
  show(['div', {}, act(question, 'Delete'), p('y')]);
  expect(element.querySelectorAll('[role=group]')).toHaveLength(1);
  button('Keep').click();
  expect(element.querySelector('[role=group]')).toBeNull();
  expect(document.activeElement).toBe(button('Delete'));
  expect(asked).toEqual([]);
  button('Delete').click();
  button('Delete', 1).click();
  button('Delete').click();
  expect(asked.map(({ command }) => command)).toEqual(['go']);
  expect(element.querySelector('[role=group]')).toBeNull();
});

it('a question goes with what it is about, and does not come back with it', () => {
  const tree = ['div', {}, act({ 'data-confirm': 'Sure?' }), p('x')];
  const { element, button, show } = shown(tree);
  button('Go').click();
  show(['div', {}, p('x')]);
  show(tree);
  expect(element.querySelector('[role=group]')).toBeNull();
});

it('a request that fails says why in its block, and can be sent again', async () => {
  const { element, asked, button } = shown(['div', {}, ['div', { class: 'lg-head' }, ['span', {}, act({})]], p('x')]);
  button('Go').click();
  asked[0]!.reject(new Error('It has ended. %lg_runs lists it.'));
  await settle();
  expect(find(element, '.lg-head > [role=alert]').textContent).toBe('It has ended. %lg_runs lists it.');
  button('Go').click();
  expect(asked).toHaveLength(2);
});

it('requests are matched by id, refused with the kernel’s words, and fail where nothing can be sent', async () => {
  const sent: { id: string }[] = [];
  const requests = new TreeSource(
    (data) => void sent.push(data as { id: string }),
    () => null
  );
  const [one, two] = [requests.ask('a'), requests.ask('b', { x: 1 })];
  requests.receive({ id: sent[1]!.id, ok: false, error: { message: 'No.', hint: 'Try.' } });
  requests.receive({ id: sent[0]!.id, ok: true, result: 5 });
  for (const noise of [null, 'x', { id: 'other', ok: true }]) requests.receive(noise);
  expect(await one).toBe(5);
  await expect(two).rejects.toHaveProperty('message', 'No. Try.');
  expect(sent[1]).toMatchObject({ protocol: 1, command: 'b', arguments: { x: 1 } });
  const close = () => {
    throw new Error('closed');
  };
  const broken = new TreeSource(close, () => null);
  await expect(broken.ask('a')).rejects.toThrow('could not be reached');
});

it('a whole view that is older than the current one is ignored, unless it is of another view', async () => {
  const sent: { id: string }[] = [];
  const view = { name: 'n', version: 1, tree: ['p', {}, 'first'] };
  const source = new TreeSource(
    (data) => void sent.push(data as { id: string }),
    () => view
  );
  for (const version of [5, 6, 7]) source.update({ base: version - 1, version, changes: [] });
  const answer = async (place: number, name: string, version: number) => {
    source.receive({ id: sent[place]!.id, ok: true, result: { name, version, tree: ['p', {}, `${name}${version}`] } });
    await settle();
    return source.tree[2];
  };
  expect([await answer(1, 'n', 6), await answer(0, 'n', 5), await answer(2, 'new', 2)]).toEqual(['n6', 'n6', 'new2']);
});

// -- forms ----------------------------------------------------------------------------------------------------

const send = ['button', { key: 'send', 'data-act': 'send', 'data-needs-valid': '' }, 'Send'];
const box = (attributes: object = {}) => ['textarea', { key: 'text', required: '', 'data-draft': '', ...attributes }];

it('a form begins empty, and can be sent when every field is filled in', () => {
  const { element, asked, button, type } = shown(form(box(), send));
  expect(find(element, 'textarea')).toHaveProperty('value', '');
  expect(button('Send').disabled).toBe(true);
  type('  \n');
  expect(button('Send').disabled).toBe(true);
  type('yes');
  button('Send').click();
  expect(asked[0]!.given).toEqual({ form: { text: 'yes' } });
});

it('a choice shows its fields, and forms inside a form are sent by their names', () => {
  const ways = [
    'div',
    { key: 'way', required: '' },
    ...['accept', 'edit'].map((way) => ['button', { key: way, 'data-choice': `way:${way}` }, way])
  ];
  const inner = ['div', { key: 'q', 'data-form': 'id-1' }, ways, box({ key: 'edit', 'data-shows': 'way:edit' })];
  const { element, asked, button, type } = shown(form(inner, send));
  expect(element.querySelector('textarea')).toBeNull();
  expect(button('Send').disabled).toBe(true);
  button('edit').click();
  expect(button('edit').getAttribute('aria-pressed')).toBe('true');
  expect(button('Send').disabled).toBe(true);
  type('{}');
  button('Send').click();
  button('accept').click();
  expect(element.querySelector('textarea')).toBeNull();
  expect(asked[0]!.given).toEqual({ form: { 'id-1': { way: 'edit', edit: '{}' } } });
});

it.each([
  ['6', false],
  ['six', true],
  ['60', true]
])('the browser checks a field of its kind: %s', (text, isInvalid) => {
  const field = ['input', { key: 'n', type: 'number', max: '9', required: '' }];
  const { button, type } = shown(form(field, send));
  type(text);
  expect(button('Send').disabled).toBe(isInvalid);
});

it('typed text survives an update and a reload, until it was sent', async () => {
  const first = shown(form(box(), send));
  first.type('half a wo');
  find(first.element, 'textarea').focus();
  first.show(form('more', box(), send));
  expect(document.activeElement).toHaveProperty('value', 'half a wo');
  const { element, asked, button } = shown(form(box(), send));
  expect(find(element, 'textarea')).toHaveProperty('value', 'half a wo');
  expect(find(shown(form(box(), send), { name: 'another' }).element, 'textarea')).toHaveProperty('value', '');
  asked.length = 0;
  const again = shown(form(box(), send));
  again.button('Send').click();
  again.asked[0]!.resolve({});
  await settle();
  expect(find(again.element, 'textarea')).toHaveProperty('value', '');
  expect(find(shown(form(box(), send)).element, 'textarea')).toHaveProperty('value', '');
  void button;
});

it('a choice without a value does not keep what is typed after it from surviving a reload', () => {
  const choose = ['button', { key: 'choose', 'data-choice': 'way' }, 'Choose'];
  const first = shown(form(choose, box(), send));
  first.button('Choose').click();
  first.type('half a word');
  expect(find(shown(form(choose, box(), send)).element, 'textarea')).toHaveProperty('value', 'half a word');
});

it('text that could not be sent stays', async () => {
  const { element, asked, button, type } = shown(form(box(), send));
  type('yes');
  button('Send').click();
  asked[0]!.reject(new Error('It asks something else now.'));
  await settle();
  expect(find(element, 'textarea')).toHaveProperty('value', 'yes');
  expect(button('Send').disabled).toBe(false);
});

it('text that was discarded is gone, also after a reload; Escape does not discard it', () => {
  const item = (text: string) => {
    const tree = JSON.stringify(treeOf('store item')).replaceAll('not started', text);
    return JSON.parse(tree) as unknown;
  };
  const { element, button, show, type } = shown(item('not started'));
  const box = () => find(element, 'textarea') as HTMLTextAreaElement;
  button('Edit').click();
  type('{"status": "mine"}');
  box().dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
  expect(box().value).toBe('{"status": "mine"}');
  button('Discard').click();
  expect(element.querySelector('textarea')).toBeNull();
  show(item('theirs'));
  button('Edit').click();
  expect(box().value).toContain('theirs');
  const again = shown(item('theirs'));
  expect(find(again.element, 'textarea')).toHaveProperty('value', expect.stringContaining('theirs'));
});

it('an error in JSON is placed by the browser alone, not by the text that it quotes', () => {
  for (const [text, column] of [
    ['position 9', 1],
    ['x in JSON at position 9', 1],
    ['{"a": 1,}', 9],
    ['{"a" 1}', 6]
  ] as const)
    expect([text, jsonProblem(text)]).toEqual([text, `This is not JSON: line 1, column ${column}.`]);
});

it('what is typed while a request is sent stays when it succeeds, and only what was sent is cleared', async () => {
  const { element, asked, button, show, type } = shown(form(box(), send));
  type('yes');
  button('Send').click();
  type('yes, and the next');
  asked[0]!.resolve({});
  await settle();
  expect(find(element, 'textarea')).toHaveProperty('value', 'yes, and the next');
  button('Send').click();
  show(form(box({ 'data-check': 'json' }), ['input', { key: 'another' }], send)); // the update comes before the response
  asked[1]!.resolve({});
  await settle();
  expect(find(element, 'textarea')).toHaveProperty('value', '');
});

it('a text is put into the box of its form', () => {
  const fill = ['button', { key: 'fill', 'data-fill': '{"a": 1}' }, 'Fill'];
  const { element, button } = shown(form(box(), fill));
  button('Fill').click();
  expect(find(element, 'textarea')).toHaveProperty('value', '{"a": 1}');
});

it('a key in a box stays there; combinations with Ctrl or Meta pass, but for Enter', () => {
  const { element } = shown(form(box()));
  const reached: string[] = [];
  document.body.onkeydown = ({ key }) => reached.push(key);
  const press = (key: string, held: object) =>
    find(element, 'textarea').dispatchEvent(new KeyboardEvent('keydown', { key, ...held, bubbles: true }));
  for (const key of ['Enter', 'd', 'Escape']) for (const held of [{}, { altKey: true }]) press(key, held);
  for (const held of [{ ctrlKey: true }, { metaKey: true }]) for (const key of ['Enter', 's']) press(key, held);
  expect(reached).toEqual(['s', 's']);
});

it('a button keeps Enter and the space bar; each other key is the notebook’s, also a letter of Enter', () => {
  const { button } = shown(['div', {}, act({})]);
  const reached: string[] = [];
  document.body.onkeydown = ({ key }) => reached.push(key);
  for (const [key, held] of [['Enter'], [' '], ['Enter', { ctrlKey: true }], ['r'], ['E', { ctrlKey: true }]] as const)
    button('Go').dispatchEvent(new KeyboardEvent('keydown', { key, ...held, bubbles: true }));
  expect(reached).toEqual(['r', 'E']);
});

it('a letter in a list of choices stays there: it would be a command of the notebook', () => {
  const { element } = shown(form(['select', { key: 's' }, ['option', { value: 'aisle' }, 'aisle']]));
  const reached: string[] = [];
  document.body.onkeydown = ({ key }) => reached.push(key);
  find(element, 'select').dispatchEvent(new KeyboardEvent('keydown', { key: 'a', bubbles: true }));
  expect(reached).toEqual([]);
});

it('what is copied says so for a while; a copy button of a fold copies its text', async () => {
  const copied: string[] = [];
  Object.assign(navigator, { clipboard: { writeText: async (text: string) => void copied.push(text) } });
  const id = ['button', { key: 'id', 'data-copy': 'the-whole-id', 'aria-label': 'copy run id r1' }, 'r1'];
  const code = [
    'details',
    { key: 'c' },
    ['summary', {}, 'Code'],
    ['pre', {}, 'import x'],
    ['button', { key: 'copy', 'data-copy': '' }, 'Copy code']
  ];
  const { button } = shown(['div', {}, id, code]);
  button('r1').click();
  button('Copy code').click();
  await settle();
  expect(copied).toEqual(['the-whole-id', 'import x']);
  expect(button('r1copied').getAttribute('aria-label')).toBe('copy run id r1 copied');
});

it('the form of a card sends what the kernel takes', () => {
  const { asked, button, type } = shown(treeOf('waiting'));
  expect(button('Resume').disabled).toBe(true);
  button('Edit').click();
  button('Copy the arguments into the box').click();
  type('the small one', 1);
  button('Resume').click();
  const [flight, hotel] = ['0'.repeat(32), '1'.repeat(32)];
  expect(asked[0]).toMatchObject({
    command: 'resume',
    given: {
      form: {
        [flight]: { 0: { way: 'edit', edit: '{\n  "price": 640,\n  "to": "HKG"\n}' } },
        [hotel]: { text: 'the small one', json: false }
      }
    }
  });
});

it('an edit has a field for each argument, filled in with what the model chose', () => {
  const { asked, button, element } = shown(treeOf('approval'));
  expect(element.querySelectorAll('.lg-field')).toHaveLength(0);
  button('Edit').click();
  const [to, price, seat] = element.querySelectorAll<HTMLInputElement>('.lg-field :is(input, textarea, select)');
  expect([to!.value, price!.value, seat!.value]).toEqual(['HKG', '640', '"window"']);
  price!.value = '';
  price!.dispatchEvent(new Event('input', { bubbles: true }));
  button('Reject', 1).click();
  expect(button('Resume').disabled).toBe(true);
  price!.value = '600';
  price!.dispatchEvent(new Event('input', { bubbles: true }));
  button('Resume').click();
  const [edit, reject] = [
    { 0: 'HKG', 1: '600', 2: '"window"' },
    { way: 'reject', reject: '' }
  ];
  expect(asked[0]!.given).toEqual({ form: { ['2'.repeat(32)]: { 0: { way: 'edit', args: edit }, 1: reject } } });
});

it('a typed question has a field for each of its own, and waits for those that are vnode', () => {
  const { asked, button, element } = shown(treeOf('typed'));
  const set = (label: string, value: string) => {
    const box = element.querySelector<HTMLInputElement>(`[aria-label^="${label},"]`)!;
    box.value = value;
    box.dispatchEvent(new Event('input', { bubbles: true }));
  };
  const kinds = [...element.querySelectorAll<HTMLInputElement>('.lg-field > :nth-child(2)')].map((each) => each.type);
  expect(kinds).toEqual(['number', 'select-one', 'checkbox', 'date', 'textarea', 'textarea']);
  set('row', '3');
  set('name', 'Ann');
  expect(button('Resume').disabled).toBe(true);
  set('side', '"window"');
  expect(button('Resume').disabled).toBe(true);
  button('number').click();
  set('answer', '9.5');
  expect(button('Resume').disabled).toBe(false);
  button('Resume').click();
  const price = { of: '0', 0: '9.5' };
  const v = { 0: '3', 1: '"window"', 2: false, 3: '', 4: 'Ann', 5: price, 6: '' };
  expect(asked[0]!.given).toEqual({ form: { ['3'.repeat(32)]: { v } } });
});

it.each([
  ['{"a": 1}', ''],
  ['', 'line 1, column 1'],
  ['{\n"task": ]', 'line 2, column 9'],
  ['{"a": 1,\n "b" 2}', 'line 2, column 6'],
  ['{"a": "b', 'line 1, column 9']
])('a text that is to be JSON is checked while it is typed: %j', (text, place) => {
  const { element, type, button } = shown(form(box({ 'data-check': 'json' }), send));
  type(text);
  if (!place) return expect([element.querySelector('.lg-check'), button('Send').disabled]).toEqual([null, false]);
  expect(find(element, '.lg-check').textContent).toBe(`This is not JSON: ${place}.`);
  expect(button('Send').disabled).toBe(true);
});

// -- rows, and what is asked for --------------------------------------------------------------------------------

const rows = (...names: string[]) => [
  'table',
  {},
  [
    'tbody',
    { key: 'body', 'data-keys': '', 'data-more': '', 'data-filter': 'filter' },
    ...names.map((name) => ['tr', { key: name, 'data-choice': `row:${name}`, tabindex: '-1' }, ['td', {}, name]])
  ]
];
const beside = (given = '{}') => [
  'div',
  { key: 'side', class: 'lg-side', 'data-shows': 'row', 'data-lazy': 'detail', 'data-args': given },
  'Reading…'
];
const shownRows = (element: Element) => [...element.querySelectorAll('tr')].map((row) => row.textContent);

it('a list has one stop for Tab; arrows, Home and End move, Enter chooses', () => {
  const { element } = shown(['div', {}, rows('a', 'b', 'c')]);
  const stops = () => [...element.querySelectorAll('tr')].map((row) => row.tabIndex);
  const press = (key: string) =>
    document.activeElement!.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  expect(stops()).toEqual([0, -1, -1]);
  element.querySelectorAll('tr')[0]!.focus();
  for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown']) press(key);
  expect(stops()).toEqual([-1, -1, 0]);
  press('Home');
  press('ArrowDown');
  press('Enter');
  expect([...element.querySelectorAll('[aria-selected=true]')].map((row) => row.textContent)).toEqual(['b']);
  expect(document.activeElement!.textContent).toBe('b');
});

it('what is shown of a row is asked for once, and again when what is given along is another', async () => {
  const { element, asked, show } = shown(['div', {}, rows('a', 'b'), beside()]);
  expect(element.querySelector('.lg-side')).toBeNull();
  element.querySelectorAll('tr')[1]!.click();
  show(['div', {}, rows('a', 'b'), beside()]);
  expect(asked.map(({ command, given }) => [command, given])).toEqual([['detail', { choice: 'b' }]]);
  expect(find(element, '.lg-side').textContent).toBe('Reading…');
  asked[0]!.resolve({ tree: ['p', {}, 'all of b'] });
  await settle();
  expect(find(element, '.lg-side').textContent).toBe('all of b');
  show(['div', {}, rows('a', 'b'), beside('{"n": 2}')]);
  expect(find(element, '.lg-side').textContent).toBe('all of b');
  expect(asked.at(-1)!.given).toEqual({ n: 2, choice: 'b' });
  asked[1]!.reject(new Error('It is gone.'));
  await settle();
  expect(find(element, '[role=alert]').textContent).toBe('It is gone.');
  element.querySelectorAll('tr')[1]!.click();
  expect(asked).toHaveLength(3);
});

it('each answer is shown, one request is under way at a time, and the last one is for the newest revision', async () => {
  const at = (revision: number) => [
    'div',
    { key: 'rows', 'data-lazy': 'section', 'data-args': `{"revision": ${revision}}` },
    'Asking…'
  ];
  const { element, asked, show } = shown(at(1));
  const revisions = () => asked.map(({ given }) => (given as { revision: number }).revision);
  for (const revision of [2, 3]) show(at(revision));
  expect(revisions()).toEqual([1]);
  asked[0]!.resolve({ tree: ['p', {}, 'rows 1'] });
  await settle();
  expect([element.textContent, revisions()]).toEqual(['rows 1', [1, 3]]);
  show(at(4));
  asked[1]!.resolve({ tree: ['p', {}, 'rows 3'] });
  await settle();
  expect([element.textContent, revisions()]).toEqual(['rows 3', [1, 3, 4]]);
});

it.each([null, {}, { message: 'Done.' }])('a part that nothing came for says so: %j', async (result) => {
  const { element, asked } = shown(['div', { key: 'd', 'data-lazy': 'detail' }, 'Reading…']);
  asked[0]!.resolve(result);
  await settle();
  expect(find(element, '[role=alert]').textContent).toBe('It is empty.');
});

it('what was typed for one row is not there for another', async () => {
  const { element, asked, type } = shown(['div', {}, rows('a', 'b'), beside()]);
  for (const [place, text] of [
    [0, 'for a'],
    [1, 'for b']
  ] as const) {
    element.querySelectorAll('tr')[place]!.click();
    asked[place]!.resolve({ tree: ['textarea', { key: 'text', value: 'old' }] });
    await settle();
    expect(find(element, 'textarea')).toHaveProperty('value', 'old');
    type(text);
  }
  element.querySelectorAll('tr')[0]!.click();
  expect(find(element, 'textarea')).toHaveProperty('value', 'for a');
});

const foldingRow = (name: string) => [
  'li',
  { key: name },
  ['button', { key: 'head', 'data-choice': `row:${name}`, tabindex: '-1' }, name],
  ['div', { key: 'open', 'data-shows': `row:${name}`, 'data-lazy': 'detail' }, 'Reading…']
];

it('a row opens in its list, is asked for by what it is called, and shuts when it is pressed again', async () => {
  const list = ['ul', { key: 'rows', 'data-keys': '' }, ...['a', 'b'].map(foldingRow)];
  const { element, asked, button } = shown(['div', {}, list]);
  button('b').click();
  expect(asked.map(({ given }) => given)).toEqual([{ choice: 'b' }]);
  const way = ['button', { key: 'yes', 'data-choice': 'way:yes' }, 'Yes'];
  asked[0]!.resolve({ tree: ['div', { key: 'form', 'data-form': 'form' }, way] });
  await settle();
  expect([...element.querySelectorAll('button')].map(({ tabIndex }) => tabIndex)).toEqual([0, -1, 0]);
  button('Yes').click();
  button('Yes').click();
  expect(button('Yes').getAttribute('aria-pressed')).toBe('true');
  button('b').click();
  expect([...element.querySelectorAll('button')].map((each) => each.textContent)).toEqual(['a', 'b']);
});

it('what stands in a fold is asked for when it is opened', async () => {
  const lazy = ['div', { key: 'in', 'data-lazy': 'more', 'data-args': '{"id": 1}' }];
  const { element, asked } = shown(['details', { key: 'd' }, ['summary', {}, 's'], lazy]);
  expect(asked).toEqual([]);
  (find(element, 'details') as HTMLDetailsElement).open = true;
  await settle();
  expect(asked.map(({ given }) => given)).toEqual([{ id: 1, choice: '' }]);
});

it('what could not be read is asked for again when its fold is opened again', async () => {
  const lazy = ['div', { key: 'in', 'data-lazy': 'more' }];
  const { element, asked } = shown(['details', { key: 'd' }, ['summary', {}, 's'], lazy]);
  const press = () => find(element, 'summary').click();
  press();
  asked[0]!.reject(new Error('The deployment does not answer.'));
  await settle();
  expect(find(element, '[role=alert]').textContent).toBe('The deployment does not answer.');
  press();
  press();
  expect(asked).toHaveLength(2);
  asked[1]!.resolve({ tree: ['p', {}, 'all of it'] });
  await settle();
  press();
  press();
  expect([asked.length, find(element, 'p').textContent]).toEqual([2, 'all of it']);
});

it('a long list shows a hundred rows, then more, and only those with the typed words', () => {
  const names = Array.from({ length: 250 }, (_, n) => `row ${n}`);
  const { element, button, type } = shown(['div', {}, ['input', { key: 'filter' }], rows(...names)]);
  expect(shownRows(element)).toHaveLength(100);
  button('Show 100 more of 250').click();
  button('Show 50 more of 250').click();
  expect(shownRows(element)).toHaveLength(250);
  type('ROW 24');
  expect(shownRows(element)).toHaveLength(11);
});

it('the filter of a batch finds each row by the text that the kernel searches, with commas and spaces alike', () => {
  const script = `
import json, sys
sys.path[:0] = ["tests"]
from dataclasses import replace
from unit.test_batch_rows_of_card import ROW, tree
from lg_magics.views.batch_tree import row_text
scored = [replace(ROW, place=n, label=f"row {n}", scores=tuple((f"s{k}", "yes") for k in range(n))) for n in (4, 5)]
rows = [[ROW, replace(ROW, place=4, assistant="", output="", scores=(), seconds=None)], scored]
print(json.dumps([[tree(*each), [row_text(row) for row in each]] for each in rows]))`;
  for (const [tree, texts] of fromPython('-c', script) as [unknown, string[]][]) {
    const { element, type } = shown(tree);
    const found = (text: string) => {
      type(text);
      return element.querySelectorAll('.lg-runs > li').length;
    };
    for (const text of texts)
      expect([text, found(`  ${text.replaceAll(' ', '  ').toUpperCase()},`)]).toEqual([text, 1]);
    expect(found('reading')).toBe(0);
  }
});

it('Escape leaves the row with the focus alone, and not while an input method composes', () => {
  const row = (name: string) => [
    'li',
    { key: name },
    ['button', { key: name, 'data-choice': `row:${name}`, tabindex: '-1' }, name],
    [
      'div',
      { key: 'open', 'data-shows': `row:${name}` },
      ['div', { key: 'answers', 'data-form': 'answers' }, ['textarea', { key: 'text' }]],
      ['ul', {}, ['li', {}, ['button', { key: 'fork' }, 'Fork']]],
      ['button', { key: 'close', 'data-choice': 'row:', 'data-leave': '' }, 'Close']
    ]
  ];
  const list = ['ul', { key: 'rows', 'data-keys': '' }, row('a'), row('b')];
  const { element, button } = shown(['div', { key: 'panel' }, ['input', { key: 'filter' }], list]);
  const press = (target: Element, more = {}) =>
    target.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, ...more }));
  const isOpen = () => element.querySelector('textarea') !== null;
  button('a').click();
  press(find(element, 'input'));
  press(button('b'));
  press(find(element, 'textarea'), { isComposing: true });
  expect(isOpen()).toBe(true);
  for (const inside of ['textarea', 'li li button', 'li > button']) {
    press(find(element, inside));
    expect([inside, isOpen()]).toEqual([inside, false]);
    button('a').click();
  }
});

it('Escape presses what leaves, and a line for a cell is never more than a line', async () => {
  const leave = ['button', { key: 'x', 'data-act': 'leave', 'data-leave': '' }, 'Leave'];
  const line = ['button', { key: 'i', 'data-insert': '%lg_runs\n!ls' }, '+ cell'];
  const { element, asked, button } = shown(['div', {}, ['input', { key: 'i' }], leave, line]);
  const texts: unknown[] = [];
  element.addEventListener('lg-magics:insert-cell', (event) => {
    texts.push((event as CustomEvent<{ text: string }>).detail.text);
    event.preventDefault();
  });
  find(element, 'input').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }));
  expect(asked.map(({ command }) => command)).toEqual(['leave']);
  button('+ cell').click();
  await settle();
  expect(texts).toEqual(['%lg_runs !ls']);
  expect(find(element, '[role=status]').textContent).toBe('Inserted below, not run.');
});
