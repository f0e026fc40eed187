/** A batch's card as an anywidget: the trait `card` is drawn, Cancel all and Retry failed are sent. Draws nothing itself. */
import type { Initialize, Render } from '@anywidget/types';
import { isHeard, listen } from '../shared/hearing';
import { LiveBatch } from '../shared/live_batch';

interface BatchModel {
  card: unknown;
}

type Message = { action?: unknown; message?: unknown };

export default () => {
  let came = performance.now();
  return {
    initialize({ model }: Parameters<Initialize<BatchModel>>[0]) {
      model.on('change:card', () => (came = performance.now()));
    },
    render({ model, el }: Parameters<Render<BatchModel>>[0]) {
      const controller = new AbortController();
      const { signal } = controller;
      const actions = {
        cancel: () => model.send({ action: 'cancel' }),
        retry: () => model.send({ action: 'retry' })
      };
      const batch = new LiveBatch(el, actions, signal);
      const show = () => batch.show(model.get('card'), came, isHeard(model));
      const hear = ({ action, message }: Message) => {
        if (action === 'failed') batch.fail(String(message));
      };
      listen(model, signal, show, { 'change:card': show, 'msg:custom': hear });
      show();
      return () => controller.abort();
    }
  };
};
