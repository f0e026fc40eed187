/** What is sent with every card stays small. */
import { expect, it } from 'vitest';
import bundle from '../../lg_magics/widgets/static/view.js?raw';

it('the one script of all views is at most 16 kB', () => {
  expect(new TextEncoder().encode(bundle).length).toBeLessThanOrEqual(16_000);
});
