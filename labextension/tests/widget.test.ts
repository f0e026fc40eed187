/** Every widget on a page without its kernel, and on one whose kernel goes and comes back. */
import { expect, it, vi } from 'vitest';
import view from '../widgets/view';
import { treeOf } from './cards';
import { find, place } from './place';

class Speaker {
  private handlers: [string, (message?: unknown) => void][] = [];
  on = (name: string, handler: () => void) => this.handlers.push([name, handler]);
  off = (name: string, handler: () => void) =>
    (this.handlers = this.handlers.filter(([other, each]) => other !== name || each !== handler));
  emit(name: string, message?: unknown) {
    for (const [other, handler] of [...this.handlers]) if (other === name) handler(message);
  }
  get listeners() {
    return this.handlers.length;
  }
}

class Layout extends Speaker {
  constructor(public comm_live: boolean) {
    super();
  }
  turn(comm_live: boolean) {
    this.comm_live = comm_live;
    this.emit('comm_live_update');
  }
}

class Model extends Speaker {
  readonly sent: unknown[] = [];
  constructor(
    private traits: Record<string, unknown>,
    readonly layout: Layout
  ) {
    super();
  }
  get = (name: string) => (name === 'layout' ? this.layout : this.traits[name]);
  send = (message: unknown) => this.sent.push(message);
}

const viewOf = (name: string, lost: object | null = { command: 'attach', ids: [] }) => ({
  version: 1,
  tree: treeOf(name),
  lost
});

const WIDGETS = {
  card: viewOf('waiting'),
  'running card': viewOf('running'),
  batch: viewOf('batch running', { command: 'batch', ids: [] }),
  history: viewOf('history forked', { command: 'history', ids: [] }),
  store: viewOf('store todos', { command: 'store', ids: [] }),
  panel: viewOf('panel', { command: 'panel', ids: [] })
};
type Name = keyof typeof WIDGETS;
const NAMES = Object.keys(WIDGETS) as Name[];

function shown(name: Name, isHeard: boolean) {
  const [element, model] = [place(), new Model({ view: WIDGETS[name] }, new Layout(isHeard))];
  const end = view().render({ model, el: element } as never) as () => void;
  return { element, model, layout: model.layout, end };
}

const ASKING = 'button:not(.lg-id):not(.lg-copy), textarea, tr[tabindex]';

it.each(NAMES)('a %s without a kernel says so, and sends no request', (name) => {
  const { element, model } = shown(name, false);
  expect(element.textContent).toContain('is not here');
  expect(element.querySelector(ASKING)).toBeNull();
  expect(model.sent).toEqual([]);
});

it.each(NAMES)('a %s whose kernel goes is left alone, and lives again when it comes back', (name) => {
  const { element, layout, model, end } = shown(name, true);
  expect(element.textContent).not.toContain('is not here');
  layout.turn(false);
  expect(element.textContent).toContain('is not here');
  expect(element.querySelector(ASKING)).toBeNull();
  layout.turn(true);
  expect(element.textContent).not.toContain('is not here');
  expect(find(element, ASKING)).toBeTruthy();
  end();
  const itsOwn = 3; // a tree is kept up to date for as long as its model lives
  expect([model.listeners, layout.listeners]).toEqual([itsOwn, 0]);
});

it('a card that has ended lost nothing with its kernel', () => {
  const element = place();
  const model = new Model({ view: viewOf('success', null) }, new Layout(false));
  view().render({ model, el: element } as never);
  expect(element.textContent).not.toContain('is not here');
});

const CHANGE = { base: 1, version: 2, at: 5, changes: [['replace', [], ['p', {}, 'next']]], lost: null };

it('a view gets its changes, on every page of it, and the model holds the tree of the moment', () => {
  const traits: Record<string, unknown> = { view: viewOf('running') };
  const model = new Model(traits, new Layout(true));
  const [widget, pages] = [view(), [place(), document.createElement('div')]];
  widget.initialize({ model } as never);
  for (const el of pages) widget.render({ model, el } as never);
  traits.newest = CHANGE;
  model.emit('change:newest');
  for (const page of pages) expect(page.textContent).toBe('next');
  expect(traits.view).toMatchObject({ version: 2, tree: ['p', {}, 'next'], lost: null });
});

it('a view whose page has another version requests the whole', async () => {
  const traits: Record<string, unknown> = { view: viewOf('running') };
  const model = new Model(traits, new Layout(true));
  const [element, widget] = [place(), view()];
  widget.render({ model, el: element } as never);
  traits.newest = { ...CHANGE, base: 7, version: 8 };
  model.emit('change:newest');
  const [request] = model.sent as { id: string; command: string }[];
  expect(request!.command).toBe('view');
  model.emit('msg:custom', { id: request!.id, ok: true, result: { version: 9, tree: ['p', {}, 'whole'], lost: null } });
  await vi.waitFor(() => expect(element.textContent).toBe('whole'));
  expect(traits.view).toMatchObject({ version: 9 });
});

it('changes that came before the script did are not lost', () => {
  const model = new Model({ view: viewOf('running'), newest: CHANGE }, new Layout(true));
  const element = place();
  view().render({ model, el: element } as never);
  expect(element.textContent).toBe('next');
});
