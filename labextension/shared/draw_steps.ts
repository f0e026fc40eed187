/** The steps of a run, in order, with their times. A function of the card. */
import type { Card, Step } from './card';
import { h, type Maybe } from './dom';
import { ticking } from './ticking';
import { duration } from './words';

export function drawSteps({ steps, more_steps: more, settled }: Card, passed: number): Maybe {
  if (!steps.length && !more) return null;
  return h(
    'ol',
    { class: 'lg-steps', 'aria-label': 'steps' },
    more > 0 && h('li', { class: 'lg-more' }, `… ${more} earlier ${more === 1 ? 'step' : 'steps'}`),
    steps.map((step) =>
      h(
        'li',
        { class: `lg-step lg-${step.state}` },
        h('span', { class: 'lg-box' }, drawStep(step, settled, passed))
      )
    )
  );
}

/** A state is said in words, but for the plain one; `running` is said to a screen reader, the rest sees it move. */
function drawStep({ name, state, seconds, times }: Step, settled: boolean, passed: number): Maybe {
  const runs = state === 'running';
  return [
    h('span', {}, times > 1 ? `${name} ×${times}` : name),
    state !== 'done' && h('b', { class: runs ? 'lg-unseen' : 'lg-word' }, state),
    seconds !== null &&
      (runs ? ticking('lg-took', seconds, !settled, passed) : h('b', { class: 'lg-took' }, duration(seconds)))
  ];
}
