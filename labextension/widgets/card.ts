/** The run card as an anywidget: the trait `card` is drawn, Cancel and answers are sent. Draws nothing itself. */
import type { AnyModel, Initialize, Render } from '@anywidget/types';
import { LiveCard } from '../shared/live_card';

interface CardModel {
  card: unknown;
}

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
      const show = () => card.show(model.get('card'), came);
      const hear = (message: { action?: unknown; message?: unknown }) => {
        if (message.action === 'failed') card.fail(String(message.message));
      };
      listen(model, signal, show, hear);
      show();
      return () => controller.abort();
    }
  };
};

function listen(
  model: AnyModel<CardModel>,
  signal: AbortSignal,
  show: () => void,
  hear: (message: { action?: unknown; message?: unknown }) => void
): void {
  model.on('change:card', show);
  model.on('msg:custom', hear);
  signal.addEventListener('abort', () => {
    model.off('change:card', show);
    model.off('msg:custom', hear);
  });
}
