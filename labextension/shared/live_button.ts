/** A button that only a live view has: the saved picture leaves out what bears its mark. */
import { h, type Properties, type Wanted } from './dom';

export const liveButton = (properties: Properties, words: string): Wanted =>
  h('button', { type: 'button', 'data-live': '', ...properties }, words);
