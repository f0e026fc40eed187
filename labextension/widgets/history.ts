/** An open history as an anywidget: the trait `history` is drawn, what is asked for is sent. Draws nothing itself. */
import type { Render } from '@anywidget/types';
import { isHeard, listen } from '../shared/hearing';
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
    const show = () => live.show(model.get('history'), isHeard(model));
    const hear = ({ action, checkpoint_id, detail, message }: Message) => {
      if (action === 'detail') live.tell(detail);
      else if (action === 'forked') live.forked(String(message));
      else if (action === 'failed') live.fail(String(checkpoint_id ?? ''), String(message));
    };
    listen(model, signal, show, { 'change:history': show, 'msg:custom': hear });
    show();
    return () => controller.abort();
  }
};
