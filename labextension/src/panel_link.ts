/**
 * One notebook's way to the panel of its kernel. Knows sessions, kernels and comms; knows no section and draws nothing.
 *
 * The kernel opens the comm when lg_magics is loaded. A page that came later finds it among the open ones; a kernel answers that
 * question, as all that a page asks first, when no cell is running.
 */
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { Signal } from '@lumino/signaling';
import { KernelPanel, TARGET } from './kernel_panel';

/** Why there is no panel of a kernel, or that there is one. */
export type State =
  'starting' | 'none' | 'dead' | 'restarting' | 'foreign' | 'finding' | 'unloaded' | 'mute' | 'open';

const RESTARTS = ['restarting', 'autorestarting'];
const DEAD = ['dead', 'terminating'];
const SUBSHELL_WITHIN = 2_000; // ms; what is sent before the comm has its subshell waits for the running cell

type Comm = Kernel.IComm & { subshellStarted?: Promise<void> };

export class KernelLink {
  /** Something is known that was not: of the kernel, or of its panel. */
  readonly changed = new Signal<this, void>(this);
  /** The kernel has ended, or begins anew; with what its panel had said. */
  readonly ended = new Signal<this, KernelPanel>(this);
  model: KernelPanel | null = null;
  language = '';
  private comm: Comm | null = null;
  private kernel: Kernel.IKernelConnection | null = null;
  private isReady = false;
  private isFinding = false;

  constructor(readonly panel: NotebookPanel) {
    const { sessionContext } = panel;
    sessionContext.kernelChanged.connect(() => this.bind());
    sessionContext.statusChanged.connect((_, status) => this.look(status));
    panel.disposed.connect(() => this.end());
    panel.context.pathChanged.connect(() => this.tell());
    void sessionContext.ready.then(() => {
      this.isReady = true;
      this.bind();
      this.tell();
    });
    this.bind();
  }

  get title(): string {
    return this.panel.title.label;
  }

  get state(): State {
    const { kernel } = this;
    if (!kernel) return this.isReady ? 'none' : 'starting';
    if (RESTARTS.includes(kernel.status)) return 'restarting';
    if (DEAD.includes(kernel.status)) return 'dead';
    if (this.model) return 'open';
    if (this.language && this.language !== 'python') return 'foreign';
    if (!kernel.handleComms) return 'mute';
    return this.isFinding ? 'finding' : 'unloaded';
  }

  /** Whether it talks for `other` too: JupyterLab lets only one of the notebooks of a kernel have comms. */
  speaksFor(other: KernelLink): boolean {
    const { kernel } = this;
    return kernel !== null && kernel.handleComms && kernel.id === other.kernel?.id;
  }

  /** Look once more, and let the kernel say whether lg_magics is there: it has no other way to hear of this page. */
  again(): void {
    const { kernel } = this;
    if (!kernel?.handleComms || this.model) return;
    const comm = kernel.createComm(TARGET);
    this.take(comm, () => comm.open({}));
  }

  private bind(): void {
    const kernel = this.panel.sessionContext.session?.kernel ?? null;
    if (kernel === this.kernel) return;
    if (kernel?.id !== this.kernel?.id) this.tellEnd();
    this.drop('The kernel has gone.');
    this.kernel = kernel;
    if (kernel) {
      kernel.registerCommTarget(TARGET, (comm: Comm) => this.take(comm));
      void this.find(kernel);
    }
    this.tell();
  }

  /** The status changes with every cell; that the kernel goes is news. */
  private look(status: string): void {
    if ([...RESTARTS, ...DEAD].includes(status)) {
      this.tellEnd();
      this.drop('The kernel has gone.');
      this.tell();
    } else if (this.lastStatus !== status && [...RESTARTS, ...DEAD].includes(this.lastStatus)) this.tell();
    this.lastStatus = status;
  }
  private lastStatus = '';

  private async find(kernel: Kernel.IKernelConnection): Promise<void> {
    this.isFinding = true;
    try {
      this.language = (await kernel.info).language_info.name;
      const reply = await kernel.requestCommInfo({ target_name: TARGET });
      if (kernel !== this.kernel || reply.content.status !== 'ok') return;
      const open = Object.keys(reply.content.comms);
      const id = open.find((each) => !kernel.hasComm(each));
      if (!this.comm && id) this.take(kernel.createComm(TARGET, id));
    } catch {
      // the kernel went while it was asked; that is told by its status
    } finally {
      if (kernel === this.kernel) {
        this.isFinding = false;
        this.tell();
      }
    }
  }

  private take(comm: Comm, open?: () => void): void {
    this.drop('');
    this.comm = comm;
    comm.onClose = () => this.lose(comm);
    comm.onMsg = (message: KernelMessage.ICommMsgMsg) => {
      if (this.comm === comm) this.model?.receive(message.content.data);
    };
    const ready = this.readyToSend(comm).then(() => open?.());
    const send = (data: object) =>
      void ready.then(() => {
        if (!comm.isDisposed) comm.send(data as never);
      });
    this.model = new KernelPanel(send, () => this.tell());
    this.tell();
  }

  private async readyToSend(comm: Comm): Promise<void> {
    await this.kernel?.info;
    if (!this.kernel?.supportsSubshells || !comm.subshellStarted) return;
    const late = new Promise<void>((resolve) => setTimeout(resolve, SUBSHELL_WITHIN));
    await Promise.race([comm.subshellStarted, late]).catch(() => undefined);
  }

  /** The kernel has closed it: lg_magics was unloaded. */
  private lose(comm: Comm): void {
    if (this.comm !== comm) return;
    this.drop('lg_magics is not loaded any more.');
    this.tell();
  }

  private drop(reason: string): void {
    const { comm, model } = this;
    [this.comm, this.model] = [null, null];
    model?.end(reason);
    if (comm && !comm.isDisposed) comm.dispose();
  }

  private tell(): void {
    if (!this.panel.isDisposed) this.changed.emit();
  }

  private tellEnd(): void {
    if (this.model) this.ended.emit(this.model);
  }

  private end(): void {
    this.drop('The notebook was closed.');
    Signal.clearData(this);
  }
}
