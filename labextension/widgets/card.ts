/** The run card as an anywidget: the trait `card` is drawn, Cancel and answers are sent. Draws nothing itself. */
import type { Initialize, Render } from '@anywidget/types';
import { isHeard, listen } from '../shared/hearing';
import { LiveCard } from '../shared/live_card';

interface CardModel {
  card: unknown;
}
type Message = { action?: unknown; message?: unknown };

export default () => {
  let came = performance.now();
  return {
    initialize({ model }: Parameters<Initialize<CardModel>>[0]) {
      model.on('change:card', () => (came = performance.now()));
    },
    render({ model, el }: Parameters<Render<CardModel>>[0]) {
      const controller = new AbortController();
      const { signal } = controller;
      const actions = {
        cancel: () => model.send({ action: 'cancel' }),
        resume: (answers: object[]) => model.send({ action: 'resume', answers }),
        look: (number: number) => model.send({ action: 'look', number })
      };
      const card = new LiveCard(el, actions, signal);
      const show = () => card.show(model.get('card'), came, isHeard(model));
      const hear = ({ action, message }: Message) => {
        if (action === 'failed') card.fail(String(message));
      };
      listen(model, signal, show, { 'change:card': show, 'msg:custom': hear });
      show();
      return () => controller.abort();
    }
  };
};
