/** An open history as an anywidget: the trait `history` is drawn, what is asked for is sent. Draws nothing itself. */
import type { AnyModel, Render } from '@anywidget/types';
import { LiveHistory } from '../shared/live_history';

interface HistoryModel {
  history: unknown;
}

type Message = { action?: unknown; checkpoint_id?: unknown; detail?: unknown; message?: unknown };

export default {
  render({ model, el }: Parameters<Render<HistoryModel>>[0]) {
    const controller = new AbortController();
    const { signal } = controller;
    const actions = {
      select: (id: string) => model.send({ action: 'select', checkpoint_id: id }),
      fork: (id: string) => model.send({ action: 'fork', checkpoint_id: id }),
      close: () => model.send({ action: 'close' })
    };
    const live = new LiveHistory(el, actions, signal);
    const show = () => live.show(model.get('history'));
    const hear = ({ action, checkpoint_id, detail, message }: Message) => {
      if (action === 'detail') live.tell(detail);
      else if (action === 'forked') live.forked(String(message));
      else if (action === 'failed') live.fail(String(checkpoint_id ?? ''), String(message));
    };
    listen(model, signal, show, hear);
    show();
    return () => controller.abort();
  }
};

function listen(
  model: AnyModel<HistoryModel>,
  signal: AbortSignal,
  show: () => void,
  hear: (message: Message) => void
): void {
  model.on('change:history', show);
  model.on('msg:custom', hear);
  signal.addEventListener('abort', () => {
    model.off('change:history', show);
    model.off('msg:custom', hear);
  });
}
