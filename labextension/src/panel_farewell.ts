/** JupyterLab's warning that a kernel has ended and its crons go on. Knows notebooks and notifications; panel_left has the words. */
import { Notification } from '@jupyterlab/apputils';
import { insertCell } from './insert_cell';
import { Farewell } from './panel_left';
import type { Links } from './panel_links';

/** Warn from now on, while `isOn` says so. It stays until somebody takes it away: crons fire until somebody deletes them. */
export function warnOfCrons(links: Links, isOn: () => boolean): void {
  const farewell = new Farewell();
  links.ended.connect((_, { link, model }) => {
    const said = isOn() ? farewell.of(model.known.left, link.title, Date.now()) : null;
    if (!said) return;
    const { words, line } = said;
    const insert = {
      label: 'Insert cell',
      caption: `Insert ${line} below the active cell, not run`,
      callback: () => void (link.panel.isDisposed || insertCell(link.panel, line))
    };
    const actions = link.panel.isDisposed ? [] : [insert];
    Notification.emit(words, 'warning', { autoClose: false, actions });
  });
}
