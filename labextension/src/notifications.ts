/** JupyterLab's notifications: of runs whose cards are out of sight, and of crons that outlive their kernel. Knows no view. */
import { Notification } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { visibleText } from '../runtime/visible_text';
import { insertCell, isVisible, placeOf, revealCell } from './cells';
import type { KernelConnection, KernelConnections } from './kernel_connections';
import type { RunNews } from './kernel_panel';
import { CronNotice, summary } from './notices';
import type { PanelWidget } from './panel_widget';
import { trans } from './translation';

const FEW_RUNS = 3;

/** Notify from now on, while `isOn`. The notification of a question is closed when its run no longer waits. */
export function notify(links: KernelConnections, side: PanelWidget, isOn: () => boolean): void {
  const questions = new Map<string, string>();
  links.happened.connect((_, { link, news }) => {
    for (const id of news.answered) if (questions.has(id)) Notification.dismiss(questions.get(id));
    const placed = ({ cell }: RunNews) => links.notebookWith(cell, link.panel);
    const unseen = isOn() ? news.runs.filter((each) => !isVisible(placed(each), each.cell)) : [];
    for (const each of unseen.length > FEW_RUNS ? [summary(unseen)] : unseen) {
      const notification = emit(each, link, placed(each), side);
      if (each.leads.length) questions.set(each.id, notification);
    }
  });
  const notice = new CronNotice();
  links.ended.connect((_, { link, model }) => {
    const found = isOn() && model.known ? notice.of(model.known.left, link.panel.title.label, Date.now()) : null;
    if (found) warnOfCrons(found, link.panel);
  });
}

/** Show it, for a run whose cell is in `panel`; returns the notification's id. */
function emit(news: RunNews, link: KernelConnection, panel: NotebookPanel, side: PanelWidget): string {
  const { kind, words, about, cell, leads } = news;
  const actions: Notification.IAction[] = [];
  const add = (label: string, caption: string, callback: () => void) => actions.push({ label, caption, callback });
  if (cell && placeOf(panel, cell) >= 0)
    add(trans.__('Show'), trans.__('Scroll to the card'), () => void revealCell(panel, cell, side.bringUp));
  const [asks] = leads;
  if (asks) add(trans.__('Answer'), trans.__('Open the question'), () => void side.follow(link, leads));
  const text = visibleText(`${words}\n${[about, panel.title.label].filter(Boolean).join(', ')}`);
  return Notification.emit(text, kind, { autoClose: asks ? false : 8_000, actions });
}

/** The warning stays until the user closes it, since crons fire until they are deleted. */
function warnOfCrons({ words, line }: { words: string; line: string }, panel: NotebookPanel): void {
  const insert = {
    label: trans.__('Insert cell'),
    caption: trans.__('Insert %1 below the active cell, not run', line),
    callback: () => void (panel.isDisposed || insertCell(panel, line))
  };
  Notification.emit(words, 'warning', { autoClose: false, actions: panel.isDisposed ? [] : [insert] });
}
