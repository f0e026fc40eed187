/** A section of the panel: its heading, a filter where it is long, and its rows. A function of section and page. */
import { h, type Maybe, type Wanted } from './dom';
import { drawOpen, drawTools } from './draw_panel_open';
import { type Action, type ListName, nameOf, type Row, type Section } from './panel';
import { MANY, type PanelModel } from './panel_model';
import { keyOf, type PanelPage } from './panel_page';
import { ticking } from './ticking';

const TITLES: Record<ListName, string> = {
  waiting: 'Waiting for you',
  runs: 'Runs',
  threads: 'Threads',
  store: 'Store',
  crons: 'Crons'
};
const NONE: Record<ListName, string> = {
  waiting: 'Nothing waits for you.',
  runs: 'No run of this session yet.',
  threads: 'No threads yet.',
  store: 'The store is empty.',
  crons: 'No crons.'
};
/** From so many rows on there is a filter. */
const LONG = 8;

export function drawList(name: ListName, model: PanelModel, page: PanelPage): Maybe {
  const [section, failure, isOpen] = [model.sections.get(name), model.failures.get(name), page.isOpen(name)];
  const id = `lg-panel-${name}`;
  const fold = {
    class: 'lg-heading',
    key: 'heading',
    type: 'button',
    'aria-expanded': String(isOpen),
    'aria-controls': isOpen ? id : undefined,
    click: () => page.toggle(name)
  };
  return h(
    'section',
    { class: `lg-sec lg-${name}`, key: name, 'aria-label': TITLES[name] },
    h('h3', {}, h('button', fold, TITLES[name]), h('span', { class: 'lg-counted' }, section?.counted ?? '')),
    isOpen &&
      h(
        'div',
        { class: 'lg-inside', id },
        failure
          ? h('p', { class: 'lg-none' }, failure)
          : section
            ? drawRows(name, section, model, page)
            : h('p', { class: 'lg-none' }, 'looking…')
      )
  );
}

function drawRows(name: ListName, section: Section, model: PanelModel, page: PanelPage): Maybe {
  const words = page.filter(name).trim().toLowerCase();
  const found = words ? section.rows.filter((row) => fits(row, words)) : section.rows;
  const drawn = found.slice(0, page.drawn(name));
  const hasMore = found.length > drawn.length || (!section.is_whole && model.limitOf(name) < MANY);
  const stop = page.stop(name); // once: it looks through all rows
  const total = section.is_whole ? found.length : Infinity;
  const list = { class: 'lg-list', role: 'list', 'aria-label': TITLES[name] };
  return [
    (section.rows.length > LONG || words) && drawFilter(name, found.length, words, page),
    !section.rows.length && h('p', { class: 'lg-none' }, NONE[name]),
    drawn.length > 0 &&
      h(
        'ul',
        list,
        drawn.map((row) => drawRow(name, row, row.id === stop, section, model, page))
      ),
    hasMore &&
      h(
        'button',
        { class: 'lg-more', type: 'button', click: () => page.more(name) },
        Number.isFinite(total) ? `Show more of ${total}` : 'Show more'
      ),
    section.note && h('p', { class: 'lg-note' }, section.note),
    drawTools(name, section, model, page)
  ];
}

const fits = ({ shown, word, text, state, aside, id }: Row, words: string) =>
  [shown, word, text, state, aside, id].some((each) => each.toLowerCase().includes(words));

function drawFilter(name: ListName, found: number, words: string, page: PanelPage): Maybe {
  const box = {
    class: 'lg-filter',
    key: 'filter',
    type: 'search',
    placeholder: 'filter',
    'aria-label': `filter ${TITLES[name].toLowerCase()}`,
    spellcheck: 'false',
    value: page.filter(name),
    input: (typed: string) => page.setFilter(name, typed)
  };
  return [h('input', box), h('div', { class: 'lg-found', role: 'status' }, words ? `${found} of them` : '')];
}

function drawRow(
  name: ListName,
  row: Row,
  isStop: boolean,
  section: Section,
  model: PanelModel,
  page: PanelPage
): Wanted {
  const isOpen = page.opened?.name === name && page.opened.id === row.id;
  const quick = quickOf(name, row, section);
  const doing = quick && page.isDoing(keyOf(quick, name, row));
  const made = () =>
    h(
      'li',
      { class: `lg-row${row.is_current ? ' lg-current' : ''}`, key: row.id },
      h(
        'div',
        { class: 'lg-line' },
        drawHead(name, row, isOpen, isStop, page),
        name === 'waiting' && !isOpen && drawAnswer(row, page),
        quick && drawQuick(quick, name, row, Boolean(doing), page)
      ),
      isOpen && drawOpen(name, row, section, model, page)
    );
  return isOpen ? made() : page.once(row, `${isStop} ${doing}`, made);
}

function drawHead(name: ListName, row: Row, isOpen: boolean, isStop: boolean, page: PanelPage): Maybe {
  const { shown, text, state, aside, tone, seconds, is_current } = row;
  const head = {
    class: 'lg-rowhead',
    type: 'button',
    'aria-expanded': String(isOpen),
    'aria-current': is_current ? 'true' : undefined,
    'data-id': row.id,
    tabindex: isStop ? 0 : -1,
    title: `${nameOf(row)}`,
    click: () => page.open(name, row.id)
  };
  const number = shown.startsWith('·') ? shown : shown.split(' ')[0]!;
  const words = [is_current && 'current', name !== 'waiting' && state, aside].filter(Boolean).join(' · ');
  return h(
    'button',
    head,
    state && h('i', { class: `lg-dot lg-${tone}`, key: 'dot', 'aria-hidden': true }),
    number && h('b', { class: 'lg-number' }, number),
    h('span', { class: 'lg-text' }, text),
    h(
      'span',
      { class: 'lg-aside' },
      words,
      seconds !== null && [words && ' · ', ticking('lg-time', seconds, row.goes_on, page.passed(name))]
    )
  );
}

/** What can be done with a row without opening it. */
function quickOf(name: ListName, row: Row, { actions }: Section): Action | null {
  const cancel = actions.cancel;
  return name === 'runs' && cancel && !row.without.includes('cancel') ? cancel : null;
}

function drawQuick(action: Action, name: ListName, row: Row, doing: boolean, page: PanelPage): Maybe {
  const properties = {
    class: 'lg-quick lg-danger',
    key: 'quick',
    type: 'button',
    'aria-label': `${action.label} ${nameOf(row)}`,
    'aria-disabled': doing,
    click: () => doing || page.press(action, name, row)
  };
  return h('button', properties, action.label);
}

function drawAnswer(row: Row, page: PanelPage): Maybe {
  const properties = {
    class: 'lg-quick',
    key: 'answer',
    type: 'button',
    'aria-label': `Answer ${nameOf(row)}`,
    click: () => page.open('waiting', row.id)
  };
  return h('button', properties, 'Answer');
}
