/**
 * Any view as an anywidget: a tree, its changes, and requests. The one ESM of all widgets; knows no particular view.
 *
 * anywidget exposes only the traits and messages of its model. But the layout of a widget is a model of ipywidgets in the same kernel,
 * with `comm_live`: false on an exported page, and after the end of the kernel. Other hosts' models lack it; there the kernel is assumed
 * to be live.
 */
import type { AnyModel, Initialize, Render } from '@anywidget/types';
import { TreeSource } from '../runtime/tree_source';
import { View } from '../runtime/view';

type Model = AnyModel<Record<string, unknown>>;
type Layout = (Pick<Model, 'on' | 'off'> & { comm_live?: unknown }) | undefined;

const NO_KERNEL = 'Its kernel is not here. This is the last that was seen.';

export default () => {
  let source: TreeSource;
  const begin = (model: Model) => {
    if (source) return source;
    source = new TreeSource((data) => model.send(data), () => model.get('view')); // prettier-ignore
    const update = () => source.update(model.get('newest'));
    model.on('change:view', source.notify);
    model.on('change:newest', update);
    model.on('msg:custom', (data: unknown) => source.receive(data));
    update();
    return source;
  };
  return {
    initialize({ model }: Parameters<Initialize>[0]) {
      begin(model as Model);
    },
    render({ model, el }: Parameters<Render>[0]) {
      const controller = new AbortController();
      const { signal } = controller;
      const from = begin(model as Model);
      const layout = model.get('layout') as Layout;
      const place = document.createElement('div');
      const lost = document.createElement('p');
      lost.className = 'lg-note';
      lost.textContent = NO_KERNEL;
      el.append(place);
      const view = new View(place, (command, given) => from.ask(command, given), from.view.name ?? '', signal);
      const show = () => {
        const isLive = layout?.comm_live !== false;
        if (isLive || !from.view.lost) lost.remove();
        else el.append(lost);
        view.show({ tree: from.tree, ahead: from.ahead, isLive });
      };
      from.changed(show, signal);
      layout?.on?.('comm_live_update', show);
      signal.addEventListener('abort', () => layout?.off?.('comm_live_update', show));
      show();
      return () => controller.abort();
    }
  };
};
