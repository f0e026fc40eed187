/**
 * The side panel and the item in the status bar, as widgets of JupyterLab. The panel shows the tree of the kernel whose notebook is in
 * focus, or why there is none. A hidden panel sends no request. Knows no section.
 */
import { LabIcon } from '@jupyterlab/ui-components';
import { Widget } from '@lumino/widgets';
import { vnodeOf } from '../runtime/patch';
import type { Tree } from '../runtime/tree';
import { type Ask, View } from '../runtime/view';
import { PANEL, revealCell } from './cells';
import type { KernelConnection, KernelConnections, State } from './kernel_connections';
import { type KernelPanel, knownFrom } from './kernel_panel';
import { trans } from './translation';
import svgstr from '../style/icon.svg';

const ICON = new LabIcon({ name: 'lg-magics:panel', svgstr });
const LOAD = '%load_ext lg_magics';
const LEADS_WITHIN = 10_000; // ms

const WORDS: Record<State, (language: string) => string> = {
  starting: () => trans.__('The kernel is starting.'),
  none: () => trans.__('This notebook has no kernel. Choose one in its toolbar.'),
  dead: () => trans.__('The kernel has died. Restart it from the menu Kernel.'),
  restarting: () => trans.__('The kernel is restarting.'),
  'other-language': (language) => trans.__('lg_magics needs a Python kernel, and this one runs %1.', language),
  finding: () => trans.__('Asking the kernel. A page that was just loaded waits for the end of the running cell.'),
  unloaded: () => trans.__('lg_magics is not loaded in this kernel.'),
  'no-comms': () =>
    trans.__(
      'This kernel talks with another notebook or console that had it first. Close that one, then close this one and open it again.'
    ),
  open: () => trans.__('Asking the kernel for its panel.')
};

export class PanelWidget extends Widget {
  #titled = document.createElement('div');
  #place = document.createElement('div');
  /** The kernel whose panel is shown; null without one. */
  #shown: KernelPanel | null | undefined;
  #view: View | null = null;
  #life = new AbortController();
  /** What to open as it appears: a section, and a row whose first control then gets the focus. */
  #leads: string[] = [];

  /** `bringUp` brings a widget of the shell to the front. */
  constructor(
    private links: KernelConnections,
    readonly bringUp: (id: string) => void
  ) {
    super();
    this.id = PANEL;
    this.title.icon = ICON;
    this.title.caption = 'LangGraph';
    this.addClass('lg-panel-widget');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', 'LangGraph');
    this.node.tabIndex = -1;
    this.#titled.className = 'lg-notebook';
    this.node.append(this.#titled, this.#place);
    this.node.addEventListener('click', (event) => this.#click(event), true); // before the view draws
    new MutationObserver(() => this.#follow()).observe(this.#place, { childList: true, subtree: true });
    links.currentChanged.connect(this.present, this);
  }

  /** Show the panel of a notebook, and open what these names lead to. */
  async follow(link: KernelConnection, leads: string[]): Promise<void> {
    this.bringUp(link.panel.id);
    await this.links.untilCurrent(link);
    this.bringUp(this.id);
    this.#leads = leads;
    setTimeout(() => (this.#leads = this.#leads === leads ? [] : this.#leads), LEADS_WITHIN);
    this.#follow();
  }

  refresh(): void {
    void this.links.owner?.model?.source.ask('refresh').catch(() => undefined);
  }

  /** Read the lists again: the kernel does not report the changes of other clients. */
  protected onAfterShow(): void {
    this.present();
    this.onResize();
    this.refresh();
  }

  protected onAfterAttach(): void {
    this.present();
  }

  protected onAfterHide(): void {
    this.onResize();
  }

  protected onActivateRequest(): void {
    (this.node.querySelector<HTMLElement>('button') ?? this.node).focus();
  }

  /** Leave space for the panel: JupyterLab shows notifications in the lower right corner. */
  protected onResize(): void {
    const { left } = this.node.getBoundingClientRect();
    const space = this.isVisible && left > innerWidth / 2 ? innerWidth - left : 0;
    document.documentElement.style.setProperty('--lg-panel-space', `${space}px`);
  }

  private present(): void {
    if (!this.isVisible) return;
    const { current, owner } = this.links;
    const model = owner?.state === 'open' ? owner.model : null;
    this.#titled.textContent = this.#titled.title = current?.panel.title.label ?? '';
    const shown = model?.isThere ? model : null;
    if (shown !== this.#shown) this.#begin(shown);
    const { tree, ahead } = shown?.source ?? { tree: whyTree(owner), ahead: 0 };
    this.#view!.show({ tree, ahead, isLive: true });
  }

  /** Show another kernel's panel, without the state of the last one. */
  #begin(model: KernelPanel | null): void {
    this.#life.abort();
    this.#life = new AbortController();
    this.#shown = model;
    this.#place.replaceChildren();
    const lookAgain: Ask = async () => this.links.owner?.retry();
    const ask: Ask = model ? (command, given) => model.source.ask(command, given) : lookAgain;
    this.#view = new View(this.#place, ask, model?.source.view.name ?? '', this.#life.signal);
    model?.source.changed(() => this.present(), this.#life.signal);
  }

  /** Scroll to a cell of the notebook in focus, or of another open one. A click of the user ends what a notification leads to. */
  #click({ target, isTrusted }: Event): void {
    if (isTrusted) this.#leads = [];
    const cell = vnodeOf((target as Element).closest('button'))?.source[1]['data-show'];
    const { current } = this.links;
    if (cell && current) void revealCell(this.links.notebookWith(cell, current.panel), cell, this.bringUp);
  }

  /** Open the section and the row that the names lead to as they appear, and focus the row's first control. */
  #follow(): void {
    if (!this.#leads.length) return;
    const found = [...this.#place.querySelectorAll<HTMLElement>('details, button')];
    const [fold, row] = this.#leads.map((lead) => found.find((each) => vnodeOf(each)?.source[1]['data-lead'] === lead));
    if (fold?.matches(':not([open])')) fold.querySelector('summary')!.click();
    if (!row) return;
    if (!row.matches('[aria-pressed=true]')) return row.click();
    const first = row.parentElement!.querySelector<HTMLElement>('[role=group] :is(textarea, button, input, select)');
    if (first) this.#leads = [];
    first?.focus();
  }
}

/** The item in the status bar: live and waiting runs of the notebook in focus. */
export function statusItem(links: KernelConnections, press: () => void): Widget {
  const button = document.createElement('button');
  button.type = 'button';
  button.title = trans.__('Show the LangGraph panel');
  button.onclick = press;
  const present = () => {
    const { connected, live, waiting } = links.owner?.model?.known ?? knownFrom(null);
    const counts = [live && trans.__('%1 live', live), waiting && trans.__('%1 waiting', waiting)];
    const idle = connected ? trans.__('no live run') : trans.__('not connected');
    const words = `LangGraph: ${counts.filter(Boolean).join(', ') || idle}`;
    if (button.textContent !== words) button.textContent = words;
  };
  links.currentChanged.connect(present);
  present();
  const item = new Widget();
  item.addClass('lg-status');
  item.node.append(button);
  return item;
}

/** The reason why there is no panel, with a way to get one. */
function whyTree(owner: KernelConnection | null): Tree {
  if (!owner) return why(trans.__('No notebook is open.'));
  const { state, model, language } = owner;
  if (model?.problem) return why(model.problem);
  const words = WORDS[state](language);
  if (state !== 'unloaded') return why(words);
  const line = trans.__('Insert cell: %1', LOAD);
  const insert: Tree = ['button', { key: 'insert', 'data-insert': LOAD, 'aria-label': line, title: line }, LOAD];
  return why(words, insert, ['button', { key: 'again', 'data-act': 'again' }, trans.__('Look again')]);
}

const why = (words: string, ...more: Tree[]): Tree => [
  'div',
  { class: 'lg-card lg-view lg-panel' },
  ['div', { class: 'lg-why' }, ['p', {}, words], ...more]
];
