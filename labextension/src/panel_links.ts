/** The links of all notebooks that are open, and the one of the notebook in focus. Knows the tracker; knows no kernel. */
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';
import type { KernelPanel } from './kernel_panel';
import type { KernelTalk } from './kernel_talk';
import { KernelLink } from './panel_link';

const NOT_LOADED = 'lg_magics is not loaded in this kernel. %load_ext lg_magics';

export class Links implements KernelTalk {
  /** Another notebook is in focus, or something changed about the one that is. */
  readonly currentChanged = new Signal<this, void>(this);
  /** Something changed about any of them. */
  readonly changed = new Signal<this, KernelLink>(this);
  /** The kernel of one of them has ended, or begins anew. */
  readonly ended = new Signal<this, { link: KernelLink; model: KernelPanel }>(this);
  private links = new Map<NotebookPanel, KernelLink>();

  constructor(private tracker: INotebookTracker) {
    tracker.forEach((panel) => this.add(panel));
    tracker.widgetAdded.connect((_, panel) => this.add(panel));
    tracker.currentChanged.connect(() => this.currentChanged.emit());
  }

  get current(): KernelLink | null {
    const { currentWidget } = this.tracker;
    return (currentWidget && this.links.get(currentWidget)) ?? null;
  }

  /** The one that talks with the kernel of the notebook in focus: its own, or that of another notebook on the same kernel. */
  get speaker(): KernelLink | null {
    return this.current && this.speakerOf(this.current);
  }

  /** Until the notebook of this link is the one in focus. */
  untilCurrent(link: KernelLink): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (link !== this.current && !link.panel.isDisposed) return;
        this.currentChanged.disconnect(look);
        resolve();
      };
      this.currentChanged.connect(look);
      look();
    });
  }

  ask(notebook: NotebookPanel, command: string, given: object): Promise<unknown> {
    const link = this.links.get(notebook);
    const model = link && this.speakerOf(link).model;
    return model?.ask(command, given) ?? Promise.reject(new Error(NOT_LOADED));
  }

  *[Symbol.iterator](): Generator<KernelLink> {
    yield* this.links.values();
  }

  private speakerOf(link: KernelLink): KernelLink {
    return [...this].find((each) => each.speaksFor(link)) ?? link;
  }

  private add(panel: NotebookPanel): void {
    if (this.links.has(panel)) return;
    const link = new KernelLink(panel);
    this.links.set(panel, link);
    link.changed.connect(() => {
      this.changed.emit(link);
      if (link === this.current || link === this.speaker) this.currentChanged.emit();
    });
    link.ended.connect((_, model) => this.ended.emit({ link, model }));
    panel.disposed.connect(() => {
      this.links.delete(panel);
      this.currentChanged.emit();
    });
  }
}
