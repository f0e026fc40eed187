/** What is sent with every card stays small, and shortening its names breaks nothing that travels. */
import { expect, it, vi } from 'vitest';
import bundle from '../../lg_magics/widgets/static/view.js?raw';
import { find, place } from './place';

it('the one script of all views is at most 16 kB', () => {
  expect(new TextEncoder().encode(bundle).length).toBeLessThanOrEqual(16_000);
});

const BUILT = '../../lg_magics/widgets/static/view.js';

it('the built script draws what the kernel sends, asks, sends what is filled in, and shows the response', async () => {
  const { default: widget } = (await import(/* @vite-ignore */ BUILT)) as { default: () => never };
  const button = ['button', { key: 'go', 'data-act': 'go', 'data-confirm': 'Sure?', 'data-args': '{"n": 1}' }, 'Go'];
  const tree = ['div', { key: 'f', 'data-form': 'f' }, ['input', { key: 'text', value: 'typed' }], button];
  const handlers = new Map<string, (data: unknown) => void>();
  const sent: { id: string; command: string; arguments: unknown }[] = [];
  const model = {
    get: (name: string) => (name === 'view' ? { version: 1, at: 0, tree, lost: null, name: 'n' } : undefined),
    on: (name: string, handler: (data: unknown) => void) => handlers.set(name, handler),
    off: () => undefined,
    send: (data: never) => sent.push(data)
  };
  const element = place();
  (widget() as { render(given: object): void }).render({ model, el: element });
  find(element, 'button').click();
  expect(find(element, '[role=group]').textContent).toContain('Sure?');
  find(element, '[role=group] button').click();
  expect(sent[0]).toMatchObject({ command: 'go', arguments: { n: 1, form: { text: 'typed' } } });
  handlers.get('msg:custom')!({ id: sent[0]!.id, ok: true, result: { message: 'Gone.' } });
  await vi.waitFor(() => expect(find(element, '[role=status]').textContent).toBe('Gone.'));
});
