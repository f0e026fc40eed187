/** Open items of the store as an anywidget: the trait `store` is drawn, what is asked for is sent. Draws nothing itself. */
import type { Render } from '@anywidget/types';
import { isHeard, listen } from '../shared/hearing';
import { LiveStore } from '../shared/live_store';

interface StoreModel {
  store: unknown;
}

type Message = { action?: unknown; id?: unknown; detail?: unknown; message?: unknown };

export default {
  render({ model, el }: Parameters<Render<StoreModel>>[0]) {
    const controller = new AbortController();
    const { signal } = controller;
    const actions = {
      select: (id: string) => model.send({ action: 'select', id }),
      save: (id: string, text: string, seen: string) => model.send({ action: 'save', id, text, seen }),
      delete: (id: string, seen: string) => model.send({ action: 'delete', id, seen }),
      close: () => model.send({ action: 'close' })
    };
    const live = new LiveStore(el, actions, signal);
    const show = () => live.show(model.get('store'), isHeard(model));
    const hear = ({ action, id, detail, message }: Message) => {
      const [about, said] = [String(id ?? ''), String(message ?? '')];
      if (action === 'detail') live.tell(detail);
      else if (action === 'saved') live.saved(about, said);
      else if (action === 'deleted') live.deleted(about, said);
      else if (action === 'changed') live.changed(about, said, detail);
      else if (action === 'failed') live.fail(about, said);
    };
    listen(model, signal, show, { 'change:store': show, 'msg:custom': hear });
    show();
    return () => controller.abort();
  }
};
