/**
 * The connection of each open notebook to the panel of its kernel. Knows sessions, kernels and comms; knows no section, draws nothing.
 *
 * The kernel opens the comm when lg_magics is loaded. A page that was loaded later finds it among the open ones. A kernel answers such
 * a first request when no cell is running.
 */
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { Token } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';
import { placeOf } from './cells';
import { KernelPanel, type News, TARGET } from './kernel_panel';
import { trans } from './translation';

/** Whether a kernel has a panel, or why it has none. */
export type State =
  'starting' | 'none' | 'dead' | 'restarting' | 'other-language' | 'finding' | 'unloaded' | 'no-comms' | 'open';

/** The service that reaches the kernels of open notebooks. */
export const KERNELS = new Token<KernelConnections>('lg-magics:KernelConnections');

const RESTARTS = ['restarting', 'autorestarting'];
const ENDS = [...RESTARTS, 'dead', 'terminating'];
const gone = () => trans.__('The kernel has gone.');
const SUBSHELL_WITHIN = 2_000; // ms; messages that are sent before the comm has its subshell wait for the running cell

type Comm = Kernel.IComm & { subshellStarted?: Promise<void> };

export class KernelConnection {
  model: KernelPanel | null = null;
  language = '';
  private comm: Comm | null = null;
  private kernel: Kernel.IKernelConnection | null = null;
  private status = '';
  /** Whether the session has been ready once: it is not any more when its kernel was shut down. */
  private wasReady = false;
  private isFinding = false;

  constructor(
    readonly panel: NotebookPanel,
    private links: KernelConnections
  ) {
    const { sessionContext, context } = panel;
    sessionContext.kernelChanged.connect(() => this.bind());
    sessionContext.statusChanged.connect((_, status) => this.onStatus(status));
    panel.disposed.connect(() => this.drop(trans.__('The notebook was closed.')));
    context.pathChanged.connect(() => this.notify());
    void sessionContext.ready.then(() => {
      this.wasReady = true;
      this.notify();
    });
  }

  get state(): State {
    const { kernel, language } = this;
    if (!kernel) return this.wasReady ? 'none' : 'starting';
    if (RESTARTS.includes(kernel.status)) return 'restarting';
    if (ENDS.includes(kernel.status)) return 'dead';
    if (this.model) return 'open';
    if (language && language !== 'python') return 'other-language';
    if (!kernel.handleComms) return 'no-comms';
    return this.isFinding ? 'finding' : 'unloaded';
  }

  /** Whether it has the comm for `other` too: JupyterLab gives the comms of a kernel to only one of its notebooks. */
  ownsCommFor(other: KernelConnection): boolean {
    const { kernel } = this;
    return kernel !== null && kernel.handleComms && kernel.id === other.kernel?.id;
  }

  /** Open a comm, to find out whether lg_magics is loaded: the kernel does not know this page. */
  retry(): void {
    const { kernel } = this;
    if (!kernel?.handleComms || this.model) return;
    const comm = kernel.createComm(TARGET);
    this.take(comm, () => comm.open({}));
  }

  /** Follow the kernel that the notebook has now. */
  bind(): void {
    const kernel = this.panel.sessionContext.session?.kernel ?? null;
    if (kernel === this.kernel) return;
    if (kernel?.id !== this.kernel?.id) this.end();
    else this.drop(gone());
    this.kernel = kernel;
    if (kernel) {
      kernel.registerCommTarget(TARGET, (comm: Comm) => this.take(comm));
      void this.find(kernel);
    }
    this.notify();
  }

  /** The status changes with every cell; only the end and the return of the kernel are handled. */
  private onStatus(status: string): void {
    const [wasEnd, isEnd] = [ENDS.includes(this.status), ENDS.includes(status)];
    this.status = status;
    if (isEnd) this.end();
    if (isEnd || wasEnd) this.notify();
  }

  private async find(kernel: Kernel.IKernelConnection): Promise<void> {
    this.isFinding = true;
    try {
      this.language = (await kernel.info).language_info.name;
      const { content } = await kernel.requestCommInfo({ target_name: TARGET });
      const open = content.status === 'ok' ? Object.keys(content.comms) : [];
      const id = open.find((each) => !kernel.hasComm(each));
      if (kernel === this.kernel && !this.comm && id) this.take(kernel.createComm(TARGET, id));
    } catch {
      // The kernel ended meanwhile; its status is handled above.
    }
    if (kernel !== this.kernel) return;
    this.isFinding = false;
    this.notify();
  }

  private take(comm: Comm, open?: () => void): void {
    this.drop(trans.__('The panel was opened again.'));
    this.comm = comm;
    const ready = this.readyToSend(comm).then(() => open?.());
    const send = async (data: object) => {
      await ready;
      if (!comm.isDisposed) comm.send(data as never);
    };
    const happened = (news: News) => this.links.happened.emit({ link: this, news });
    const model = (this.model = new KernelPanel(send, () => this.notify(), happened));
    comm.onMsg = ({ content }: KernelMessage.ICommMsgMsg) => model.receive(content.data);
    comm.onClose = () => {
      this.drop('lg_magics is not loaded any more.');
      this.notify();
    };
    this.notify();
  }

  private async readyToSend(comm: Comm): Promise<void> {
    await this.kernel?.info;
    if (!this.kernel?.supportsSubshells || !comm.subshellStarted) return;
    const late = new Promise<void>((resolve) => setTimeout(resolve, SUBSHELL_WITHIN));
    await Promise.race([comm.subshellStarted, late]).catch(() => undefined);
  }

  private drop(reason: string): void {
    const { comm, model } = this;
    [this.comm, this.model] = [null, null];
    model?.source.end(reason);
    comm?.dispose();
  }

  private notify(): void {
    if (!this.panel.isDisposed) this.links.notify(this);
  }

  private end(): void {
    if (this.model) this.links.ended.emit({ link: this, model: this.model });
    this.drop(gone());
  }
}

/** The connections of all open notebooks, and that of the notebook in focus. */
export class KernelConnections {
  /** Another notebook is in focus, or the connection of the one in focus has changed. */
  readonly currentChanged = new Signal<this, void>(this);
  /** Runs of a kernel have ended, or wait. */
  readonly happened = new Signal<this, { link: KernelConnection; news: News }>(this);
  /** The kernel of one of them has ended or restarts. */
  readonly ended = new Signal<this, { link: KernelConnection; model: KernelPanel }>(this);
  private links = new Map<NotebookPanel, KernelConnection>();

  constructor(private tracker: INotebookTracker) {
    tracker.forEach((panel) => this.add(panel));
    tracker.widgetAdded.connect((_, panel) => this.add(panel));
    tracker.currentChanged.connect(() => this.currentChanged.emit());
  }

  get current(): KernelConnection | null {
    const { currentWidget } = this.tracker;
    return (currentWidget && this.links.get(currentWidget)) ?? null;
  }

  /** The one that has the comm of the notebook in focus: its own, or that of another notebook on the same kernel. */
  get owner(): KernelConnection | null {
    return this.current && this.ownerOf(this.current);
  }

  /** The open notebook that has this cell: `first` if it does, or if none does. */
  notebookWith(cell: string, first: NotebookPanel): NotebookPanel {
    return [first, ...this.links.keys()].find((each) => placeOf(each, cell) >= 0) ?? first;
  }

  /** Resolves when the notebook of this connection is in focus. */
  untilCurrent(link: KernelConnection): Promise<void> {
    return new Promise((resolve) => {
      const check = () => {
        if (link !== this.current && !link.panel.isDisposed) return;
        this.currentChanged.disconnect(check);
        resolve();
      };
      this.currentChanged.connect(check);
      check();
    });
  }

  /** Send a request to the kernel of a notebook. Rejects with the kernel's reason, or because lg_magics is not loaded. */
  async ask(notebook: NotebookPanel, command: string, given: object): Promise<unknown> {
    const link = this.links.get(notebook);
    const model = link && this.ownerOf(link).model;
    if (!model) throw new Error(`${trans.__('lg_magics is not loaded in this kernel.')} %load_ext lg_magics`);
    return model.source.ask(command, given);
  }

  /** The kernel of one of them, or its panel, has changed. */
  notify(link: KernelConnection): void {
    if (link === this.current || link === this.owner) this.currentChanged.emit();
  }

  private ownerOf(link: KernelConnection): KernelConnection {
    return [...this.links.values()].find((each) => each.ownsCommFor(link)) ?? link;
  }

  private add(panel: NotebookPanel): void {
    const link = new KernelConnection(panel, this);
    this.links.set(panel, link);
    panel.disposed.connect(() => {
      this.links.delete(panel);
      this.currentChanged.emit();
    });
    link.bind();
  }
}
