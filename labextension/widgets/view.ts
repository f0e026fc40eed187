/** Any view as an anywidget: a tree, the changes that follow it, and requests. The one ESM of all widgets; knows no view. */
import type { AnyModel, Initialize, Render } from '@anywidget/types';
import { TreeSource } from '../runtime/tree_source';
import { View } from '../runtime/view';
import { isHeard, type Layout, NO_KERNEL } from '../shared/hearing';

type Model = AnyModel<Record<string, unknown>>;

export default () => {
  let source: TreeSource;
  const begin = (model: Model) => (source ??= new TreeSource(model));
  return {
    initialize({ model }: Parameters<Initialize>[0]) {
      begin(model as Model);
    },
    render({ model, el }: Parameters<Render>[0]) {
      const controller = new AbortController();
      const { signal } = controller;
      const from = begin(model as Model);
      const place = document.createElement('div');
      const lost = document.createElement('p');
      lost.className = 'lg-note';
      lost.textContent = NO_KERNEL;
      el.append(place);
      const view = new View(place, (command, given) => from.ask(command, given), from.name, signal);
      const show = () => {
        const isLive = isHeard(model);
        if (isLive || !from.isUnfinished) lost.remove();
        else el.append(lost);
        view.show({ tree: from.tree, ahead: from.ahead, isLive });
      };
      from.changed(show, signal);
      const layout = model.get('layout') as Layout;
      layout?.on?.('comm_live_update', show);
      signal.addEventListener('abort', () => layout?.off?.('comm_live_update', show));
      show();
      return () => controller.abort();
    }
  };
};
