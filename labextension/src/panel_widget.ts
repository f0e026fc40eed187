/** The side panel as a widget of JupyterLab: it follows the notebook in focus, and looks only while it is seen. Draws nothing. */
import type { INotebookTracker } from '@jupyterlab/notebook';
import { LabIcon } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { insertOrCopy } from '../shared/insert';
import { LivePanel } from '../shared/live_panel';
import type { PanelHost, PanelView } from '../shared/panel_page';
import type { KernelLink, State } from './panel_link';
import type { Links } from './panel_links';
import { goTo, placeOf } from './panel_places';
import { insertCell } from './insert_cell';

/** Nodes and the edges between them, in the ink of JupyterLab's own icons. */
const ICON = new LabIcon({
  name: 'lg-magics:panel',
  svgstr:
    '<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24"><g class="jp-icon3" fill="none" ' +
    'stroke="#616161" stroke-width="2"><path d="M7.5 8 10 15.5M16.5 8 14 15.5M8.5 6h7"/>' +
    '<circle cx="6" cy="6" r="2.5"/><circle cx="18" cy="6" r="2.5"/><circle cx="12" cy="18" r="2.5"/></g></svg>'
});

const LOAD = '%load_ext lg_magics';

const WORDS: Record<Exclude<State, 'open'>, string> = {
  starting: 'The kernel is starting.',
  none: 'This notebook has no kernel. Choose one in its toolbar.',
  dead: 'The kernel has died. Restart it from the menu Kernel.',
  restarting: 'The kernel is restarting.',
  foreign: 'lg_magics needs a Python kernel, and this one speaks ',
  finding: 'Asking the kernel. A page that was just loaded waits for the end of the running cell.',
  unloaded: 'lg_magics is not loaded in this kernel.',
  mute: 'This kernel talks with another notebook or console that had it first. Close that one, then close this one and open it again.'
};

export class PanelWidget extends Widget {
  private life = new AbortController();
  private live: LivePanel;

  /** `bringUp` brings a widget of the shell to the front. */
  constructor(
    private links: Links,
    private tracker: INotebookTracker,
    private bringUp: (id: string) => void
  ) {
    super();
    this.id = 'lg-magics-panel';
    this.title.icon = ICON;
    this.title.caption = 'LangGraph';
    this.title.label = '';
    this.addClass('lg-panel-widget');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', 'LangGraph');
    this.node.tabIndex = -1;
    this.live = new LivePanel(this.node, this.host(), this.life.signal);
    links.currentChanged.connect(this.present, this);
    this.present();
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.life.abort();
    this.links.currentChanged.disconnect(this.present, this);
    super.dispose();
  }

  /** Show what a thread of this notebook asks. */
  async openQuestions(link: KernelLink, thread: string): Promise<void> {
    this.bringUp(link.panel.id);
    await this.links.untilCurrent(link);
    this.bringUp(this.id);
    this.live.openQuestions(thread);
  }

  refresh(): void {
    this.live.refresh();
  }

  protected onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.live.see(true);
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.live.see(this.isVisible);
  }

  protected onBeforeHide(message: Message): void {
    super.onBeforeHide(message);
    this.live.see(false);
  }

  protected onBeforeDetach(message: Message): void {
    super.onBeforeDetach(message);
    this.live.see(false);
  }

  protected onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    (this.node.querySelector<HTMLElement>('button') ?? this.node).focus();
  }

  private host(): PanelHost {
    const { links, tracker, bringUp } = this;
    return {
      insert: async (line) => {
        if (!insertCell(tracker.currentWidget, line)) return insertOrCopy(this.node, line);
        return { said: 'Inserted below the active cell, not run.', failure: '' };
      },
      canShow: (cell) => links.current !== null && placeOf(links.current.panel, cell) >= 0,
      show: (cell) => void (links.current && goTo(links.current.panel, cell, bringUp)),
      again: () => links.speaker?.again()
    };
  }

  private present(): void {
    this.live.present(viewOf(this.links.current, this.links.speaker));
  }
}

/** What is to be seen of a notebook's kernel, by the link that talks with that. */
function viewOf(link: KernelLink | null, speaker: KernelLink | null): PanelView {
  const nothing = { title: '', words: '', lines: [], again: false, model: null };
  if (!link || !speaker) return { ...nothing, words: 'No notebook is open.' };
  const { title } = link;
  const { state, model, language } = speaker;
  if (state === 'open') return { ...nothing, title, model, words: model!.otherVersion };
  const words = state === 'foreign' ? `${WORDS.foreign}${language}.` : WORDS[state];
  const isUnloaded = state === 'unloaded';
  return { ...nothing, title, words, lines: isUnloaded ? [LOAD] : [], again: isUnloaded };
}
