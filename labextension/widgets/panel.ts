/** The panel as an anywidget: what it asks goes to the kernel as custom messages. Quiet while nobody sees it. Draws nothing itself. */
import type { Render } from '@anywidget/types';
import { LivePanel } from '../shared/live_panel';
import { PanelModel } from '../shared/panel_model';

export default {
  render({ model, el }: Parameters<Render>[0]) {
    const controller = new AbortController();
    const { signal } = controller;
    el.setAttribute('role', 'region');
    el.setAttribute('aria-label', 'LangGraph');
    const live = new LivePanel(el, {}, signal);
    const show = () =>
      live.present({ title: '', words: panel.otherVersion, lines: [], again: false, model: panel });
    const panel = new PanelModel((data) => model.send(data), show);
    const hear = (data: unknown) => panel.talk.hear(data);
    model.on('msg:custom', hear);
    const observer = new IntersectionObserver((seen) => live.see(seen.at(-1)!.isIntersecting));
    observer.observe(el);
    signal.addEventListener('abort', () => {
      observer.disconnect();
      model.off('msg:custom', hear);
      panel.end('The panel was closed.');
    });
    show();
    live.see(true);
    return () => controller.abort();
  }
};
