/**
 * A row of the panel that is open: all of it, what can be done with it, what is asked back, and the form of what waits.
 * Each action stands beside the line that does the same in a cell, and a button that inserts it. A function of row and page.
 */
import { drawForm, drawResume } from './draw_form';
import { h, type Maybe } from './dom';
import { type Action, lineOf, type ListName, nameOf, type Row, type Section } from './panel';
import { type PanelModel } from './panel_model';
import { keyOf, type PanelPage } from './panel_page';
import { resumeLine } from './resume_line';

export function drawOpen(
  name: ListName,
  row: Row,
  section: Section,
  model: PanelModel,
  page: PanelPage
): Maybe {
  return h(
    'div',
    { class: 'lg-open', role: 'group', 'aria-label': nameOf(row) },
    name !== 'waiting' && row.text && h('div', { class: 'lg-full' }, row.text),
    row.more && h('div', { class: 'lg-more-of-it' }, row.more),
    name === 'waiting' ? drawQuestions(row, section, page) : drawIds(row, page),
    drawShow(row, page),
    drawActions(name, row, section.actions, page),
    name === 'threads' && drawPoints(row, page)
  );
}

function drawIds(row: Row, page: PanelPage): Maybe {
  if (!/^[\w-]{8,64}$/.test(row.id)) return null;
  const copy = { class: 'lg-id', type: 'button', 'aria-label': `copy id ${row.id}` };
  return h('div', { class: 'lg-ids' }, h('button', { ...copy, click: () => page.copy(row.id) }, row.id));
}

function drawShow({ cell }: Row, page: PanelPage): Maybe {
  if (!cell || !page.canShow(cell)) return null;
  return h(
    'div',
    { class: 'lg-showing' },
    h('button', { class: 'lg-show', type: 'button', click: () => page.show(cell) }, 'Show its cell')
  );
}

// -- actions --------------------------------------------------------------------------------------------------

/** What can be done with a row; while one of them is asked back, only that. */
function drawActions(name: string, row: Row, actions: Record<string, Action>, page: PanelPage): Maybe {
  const fitting = Object.entries(actions).filter(([key, { label }]) => label && !row.without.includes(key));
  const asked = fitting.find(([, action]) => page.question?.key === keyOf(action, name, row));
  if (asked) return drawQuestion(page);
  if (!fitting.length) return null;
  return h(
    'ul',
    { class: 'lg-actions', role: 'list', 'aria-label': `what to do with ${nameOf(row)}` },
    HEAD,
    fitting.map(([key, action]) => drawAction(key, action, name as ListName, row, page))
  );
}

/** What the two columns are. */
const HEAD = h(
  'li',
  { class: 'lg-action lg-columns', key: 'columns', 'aria-hidden': true },
  h('span', { key: 'do' }, 'now'),
  h('span', { key: 'line' }, 'insert as a cell')
);

function drawAction(key: string, action: Action, name: ListName, row: Row, page: PanelPage): Maybe {
  const line = lineOf(action, row);
  const of = keyOf(action, name, row);
  const doing = page.isDoing(of);
  const properties = {
    'data-key': of,
    class: `lg-do${action.ask ? ' lg-danger' : ''}`,
    key: 'do',
    type: 'button',
    'aria-disabled': doing,
    click: () => doing || page.press(action, name, row)
  };
  return h(
    'li',
    { class: 'lg-action', key },
    action.command
      ? h('button', properties, action.label)
      : h('span', { class: 'lg-label', key: 'do' }, action.label),
    drawInsert(line, page)
  );
}

/** The button that puts a line into a new cell: it shows the line. */
export function drawInsert(line: string, page: Pick<PanelPage, 'insert'>): Maybe {
  const insert = {
    class: 'lg-insert',
    type: 'button',
    title: `Insert cell: ${line}`,
    'aria-label': `Insert cell: ${line}`,
    click: () => page.insert(line)
  };
  return h('button', insert, h('i', { 'aria-hidden': true }, '+'), h('code', {}, line));
}

export function drawQuestion(page: PanelPage): Maybe {
  const { key, words, yes } = page.question!;
  const doing = page.isDoing(key);
  const now = {
    class: 'lg-now lg-danger',
    type: 'button',
    'aria-disabled': doing,
    click: () => doing || page.yes()
  };
  return h(
    'div',
    { class: 'lg-question', role: 'group', 'aria-label': words },
    h('p', {}, words),
    h('button', now, doing ? 'working…' : yes),
    h('button', { class: 'lg-keep', type: 'button', click: () => page.no() }, 'Leave it')
  );
}

/** What can be done with the whole section. */
export function drawTools(name: ListName, section: Section, model: PanelModel, page: PanelPage): Maybe {
  if (!section.tools.length || !model.isConnected) return null;
  const asked = section.tools.find((tool) => page.question?.key === keyOf(tool, name, null));
  if (asked) return drawQuestion(page);
  return h(
    'ul',
    { class: 'lg-actions lg-tools', role: 'list', 'aria-label': `what else to do with ${name}` },
    section.tools.map((tool) => drawTool(tool, name, page))
  );
}

function drawTool(tool: Action, name: ListName, page: PanelPage): Maybe {
  const of = keyOf(tool, name, null);
  const doing = page.isDoing(of);
  const properties = {
    'data-key': of,
    class: `lg-do${tool.ask ? ' lg-danger' : ''}`,
    key: 'do',
    type: 'button',
    'aria-disabled': doing,
    click: () => doing || page.press(tool, name, null)
  };
  return h(
    'li',
    { class: 'lg-action', key: tool.line },
    tool.command
      ? h('button', properties, tool.label)
      : h('span', { class: 'lg-label', key: 'do' }, tool.label),
    drawInsert(tool.line, page)
  );
}

// -- what a thread has ----------------------------------------------------------------------------------------

/** The checkpoints of a thread, to fork from; they are fetched when somebody asks for them. */
function drawPoints(row: Row, page: PanelPage): Maybe {
  const { points, pointsFor } = page;
  if (pointsFor !== row.id) {
    const look = { class: 'lg-points', type: 'button', click: () => page.showPoints(row) };
    return h('button', look, 'Fork from a checkpoint…');
  }
  if (!points) return h('p', { class: 'lg-none', key: 'points' }, 'looking…');
  return [
    !points.rows.length && h('p', { class: 'lg-none', key: 'points' }, 'It has no checkpoints.'),
    points.rows.map((point) =>
      h(
        'div',
        { class: 'lg-point', key: point.id },
        h('div', {}, h('b', {}, point.shown), ' ', h('span', {}, point.text)),
        drawActions('threads', point, points.actions, page)
      )
    ),
    points.note && h('p', { class: 'lg-note', key: 'note of points' }, points.note)
  ];
}

function drawQuestions(row: Row, section: Section, page: PanelPage): Maybe {
  const answers = page.answers(row);
  const resume = section.actions.resume;
  const line = resume && resumeLine(lineOf(resume, row), row.asks, answers);
  return [
    row.asks.map((asked) =>
      h(
        'div',
        { class: 'lg-ask', key: asked.id },
        asked.node && h('b', {}, asked.node, ' '),
        h('span', {}, `asks: ${asked.question}`),
        asked.detail && h('pre', { tabindex: 0 }, asked.detail),
        drawForm(asked, answers)
      )
    ),
    !row.asks.length && h('div', { class: 'lg-full' }, row.text),
    drawResume({ interrupts: row.asks }, answers),
    line ? drawInsert(line, page) : null
  ];
}
