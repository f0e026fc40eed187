/** JupyterLab's notifications of runs that end or wait while their cards are out of sight. Knows notebooks and notifications. */
import { Notification } from '@jupyterlab/apputils';
import { visibleText } from '../shared/visible_text';
import type { KernelPanel } from './kernel_panel';
import type { KernelLink } from './panel_link';
import type { Links } from './panel_links';
import { type News, newsOf, statusesOf } from './panel_news';
import { goTo, isInSight, placeOf } from './panel_places';

export interface NotifyHost {
  isOn(): boolean;
  activate(id: string): void;
  /** Show in the panel what a thread asks. */
  answer(link: KernelLink, thread: string): void;
}

/** Notify from now on. */
export function notify(links: Links, host: NotifyHost): void {
  const seen = new WeakMap<KernelPanel, { rows: unknown; statuses: Map<string, string> }>();
  const asking = new Asking();
  links.changed.connect((_, link) => {
    const { model } = link;
    const rows = model?.known.runs;
    if (!model || !rows) return;
    const before = seen.get(model);
    if (before?.rows === rows) return;
    const statuses = statusesOf(rows);
    seen.set(model, { rows, statuses });
    asking.look(statuses);
    const news = newsOf(before?.statuses ?? null, rows, ({ cell }) => isInSight(link.panel, cell));
    if (host.isOn()) for (const each of news) asking.add(each, emit(each, link, host));
  });
}

/** The notifications of questions, each taken away when its run waits no more: it was answered, or its thread went on. */
class Asking {
  private shown = new Map<string, string>();

  add({ asks, run }: News, notification: string): void {
    if (asks) this.shown.set(run, notification);
  }

  look(statuses: Map<string, string>): void {
    for (const [run, notification] of this.shown)
      if ((statuses.get(run) ?? 'waiting') !== 'waiting') {
        this.shown.delete(run);
        Notification.dismiss(notification);
      }
  }
}

/** The id of what is shown. */
function emit({ kind, words, about, cell, asks }: News, link: KernelLink, host: NotifyHost): string {
  const show = {
    label: 'Show',
    caption: 'Scroll to the card',
    callback: () => void goTo(link.panel, cell, host.activate)
  };
  const answer = { label: 'Answer', caption: 'Open the question', callback: () => host.answer(link, asks) };
  const canShow = cell && placeOf(link.panel, cell) >= 0;
  const actions = [...(canShow ? [show] : []), ...(asks ? [answer] : [])];
  return Notification.emit(visibleText(`${words}\n${[about, link.title].filter(Boolean).join(', ')}`), kind, {
    autoClose: asks ? false : 8_000,
    actions
  });
}
