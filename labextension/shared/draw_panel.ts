/**
 * The side panel: a function of what is known of a kernel and of what the page knows. Asks nobody, remembers nothing.
 * Each section has a heading that folds it; what can be pressed says what it does, and the line that does the same in a cell.
 */
import { h, type Maybe, patch } from './dom';
import { drawList } from './draw_panel_list';
import { drawInsert } from './draw_panel_open';
import { LISTS } from './panel';
import type { PanelModel } from './panel_model';
import type { PanelPage, PanelView } from './panel_page';

/** Make `element` show this; what already shows it is left alone. */
export function drawPanel(element: Element, view: PanelView, page: PanelPage): void {
  patch(element, [h('div', { class: 'lg-panel' }, drawTop(view, page), drawBody(view, page))]);
}

function drawTop({ title, model, words }: PanelView, page: PanelPage): Maybe {
  const refresh = { class: 'lg-refresh', type: 'button', click: () => page.refresh() };
  return h(
    'div',
    { class: 'lg-top' },
    h('span', { class: 'lg-notebook', title: title || undefined }, title),
    model && !words && h('button', refresh, 'Refresh')
  );
}

function drawBody(view: PanelView, page: PanelPage): Maybe {
  const { model } = view;
  return [drawTold(view, page), view.words || !model ? drawWhy(view, page) : drawSections(model, page)];
}

/** What came of what was pressed stands at the top, where it is seen from every section. */
function drawTold({ model }: PanelView, page: PanelPage): Maybe {
  const waits = model?.isSlow ? 'Still waiting for an answer: the kernel or the deployment is busy.' : '';
  return [
    h('div', { class: 'lg-told', role: 'status' }, page.said || waits),
    page.failure && h('div', { class: 'lg-failure', role: 'alert' }, page.failure)
  ];
}

function drawWhy({ words, lines, again }: PanelView, page: PanelPage): Maybe {
  return h(
    'div',
    { class: 'lg-why' },
    h('p', {}, words),
    lines.map((line) => drawInsert(line, page)),
    again && h('button', { class: 'lg-again', type: 'button', click: () => page.again() }, 'Look again')
  );
}

function drawSections(model: PanelModel, page: PanelPage): Maybe {
  const failure = model.failures.get('deployment');
  if (!model.deployment) return h('div', { class: 'lg-why' }, h('p', {}, failure ?? 'Asking the kernel.'));
  if (!model.isConnected) return drawDeployment(model, page);
  return [drawDeployment(model, page), LISTS.map((name) => drawList(name, model, page))];
}

const START = '%lg_connect local';

function drawDeployment(model: PanelModel, page: PanelPage): Maybe {
  const { deployment } = model;
  const isConnected = model.isConnected;
  return h(
    'section',
    { class: 'lg-sec', key: 'deployment', 'aria-label': 'Deployment' },
    h(
      'h3',
      {},
      h('span', { class: 'lg-heading', key: 'heading' }, 'Deployment'),
      h('span', { class: 'lg-counted' }, isConnected ? 'connected' : 'not connected')
    ),
    isConnected
      ? drawWhere(deployment!)
      : h('div', { class: 'lg-why' }, h('p', {}, 'Not connected to a deployment.'), drawInsert(START, page))
  );
}

function drawWhere(where: NonNullable<PanelModel['deployment']>): Maybe {
  const { deployment, url, version, assistant, thread, defaults } = where;
  const facts: [string, string][] = [
    ['at', url],
    ['version', version],
    ['assistant', assistant || 'none: %lg_assistant use NAME'],
    ['thread', thread || 'none yet']
  ];
  return [
    h(
      'div',
      { class: 'lg-where' },
      h('i', { class: 'lg-dot lg-good', 'aria-hidden': true }),
      h('b', {}, deployment),
      where.protected && h('span', { class: 'lg-chip lg-protected', key: 'protected' }, 'protected'),
      defaults.map((each) => h('span', { class: 'lg-chip', key: each }, each))
    ),
    h(
      'dl',
      { class: 'lg-facts' },
      facts
        .filter(([name, value]) => value && !(name === 'at' && value.endsWith(`//${deployment}`)))
        .map(([name, value]) => [
          h('dt', { key: `name ${name}` }, name),
          h('dd', { key: `value ${name}`, title: value }, value)
        ])
    )
  ];
}
