/** The panel as an anywidget: what it asks goes to the kernel as custom messages. Quiet while nobody sees it. Draws nothing itself. */
import type { Render } from '@anywidget/types';
import { isHeard, listen } from '../shared/hearing';
import { LivePanel } from '../shared/live_panel';
import { PanelModel } from '../shared/panel_model';

const ALONE =
  'The kernel behind this panel is not here: there is nothing to show. In a notebook with a kernel, %lg opens it.';

export default {
  render({ model, el }: Parameters<Render>[0]) {
    const controller = new AbortController();
    const { signal } = controller;
    el.setAttribute('role', 'region');
    el.setAttribute('aria-label', 'LangGraph');
    const live = new LivePanel(el, {}, signal);
    let panel: PanelModel | null = null;
    const end = () => {
      panel?.end('The panel was closed.');
      panel = null;
    };
    const show = () => {
      if (!isHeard(model)) end();
      else panel ??= new PanelModel((data) => model.send(data), show);
      const words = panel ? panel.otherVersion : ALONE;
      live.present({ title: '', words, lines: [], again: false, model: panel });
    };
    listen(model, signal, show, { 'msg:custom': (data) => panel?.talk.hear(data) });
    const observer = new IntersectionObserver((seen) => live.see(seen.at(-1)!.isIntersecting));
    observer.observe(el);
    signal.addEventListener('abort', () => {
      observer.disconnect();
      end();
    });
    show();
    live.see(true);
    return () => controller.abort();
  }
};
