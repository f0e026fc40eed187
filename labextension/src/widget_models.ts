/**
 * The widgets of one notebook: which of them are live, and the last state that the kernel sent. Knows kernels and models; knows no
 * output and draws nothing.
 *
 * A model may exist without its kernel: ipywidgets keeps the models of ended kernels. Ids are never reused, so a closed widget stays
 * closed.
 *
 * ipywidgets has no public way to its manager. Only this module uses a private one: the renderer of widgets that ipywidgets creates for
 * a notebook has a promise of the manager.
 */
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { type ISignal, Signal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';

export const WIDGET_VIEW = 'application/vnd.jupyter.widget-view+json';
const BINDS_WITHIN = 10_000; // ms after the start of the kernel
const LOOKS_EVERY = 50; // ms
const NAMED_WITHIN = 3_000; // ms in which a notebook with a kernel knows its name
const ENDS = ['restarting', 'autorestarting', 'terminating', 'dead'];

/**
 * `live`: its model has a comm. `gone`: its model has none, for good. `dead`: its kernel has died. `pending`: not known yet. `alone`: there
 * is no kernel. `unbound`: JupyterLab has set up no widgets for this notebook. `untrusted`: the notebook is not trusted.
 */
export type Life = 'live' | 'gone' | 'dead' | 'pending' | 'alone' | 'unbound' | 'untrusted';

export interface Facts {
  trusted: boolean;
  /** Whether the output names a widget. */
  named: boolean;
  kernel: 'not yet' | 'none' | 'dead' | 'alive';
  /** ipywidgets' manager of the notebook; `hidden` if it cannot be reached. */
  manager: 'not yet' | 'none' | 'hidden' | 'restoring' | 'restored';
  model: 'none' | 'coming' | 'live' | 'closed';
}

/** The state of the widget of an output. Pure. */
export function lifeOf({ trusted, named, kernel, manager, model }: Facts): Life {
  if (!trusted) return 'untrusted';
  if (kernel === 'none') return 'alone';
  if (kernel === 'dead') return 'dead';
  if (!named || model === 'closed') return 'gone';
  if (model === 'live' || (kernel === 'alive' && manager === 'hidden')) return 'live';
  if (kernel === 'not yet' || model === 'coming') return 'pending';
  if (manager === 'none') return 'unbound';
  return manager === 'restored' ? 'gone' : 'pending';
}

interface Model {
  comm_live: boolean;
  get(trait: string): unknown;
  send(content: object): void;
  on(event: string, callback: () => void, context: object): void;
  off(event: null, callback: null, context: object): void;
}

interface Manager {
  has_model(id: string): boolean;
  get_model(id: string): Promise<Model>;
  restoredStatus: boolean;
  restored: ISignal<unknown, void>;
}

export class WidgetModels {
  readonly changed = new Signal<this, void>(this);
  /** The kernel is ending; the last states can still be read. */
  readonly leaving = new Signal<this, void>(this);
  /** The kernel has sent the final output of this widget. */
  readonly kept = new Signal<this, string>(this);
  private manager: Manager | 'not yet' | 'none' | 'hidden' = 'not yet';
  /** The models of widgets, by their ids; ids without one come, or are closed. */
  private known = new Map<string, Model | 'coming' | 'closed'>();
  /** The widgets whose output came before their comm, each with the request of the cell that shows it. */
  private awaited = new Map<string, string>();
  private wasKernel: Facts['kernel'] = 'not yet';
  private isReady = false;
  private isFinding = false;

  constructor(
    readonly panel: NotebookPanel,
    private shared: IRenderMimeRegistry
  ) {
    const { sessionContext, context } = panel;
    sessionContext.statusChanged.connect(this.onStatus, this);
    sessionContext.kernelChanged.connect((_, { oldValue }) => {
      if (oldValue) this.markAllGone();
      void this.find();
    });
    panel.disposed.connect(() => {
      for (const id of this.known.keys()) this.modelOf(id)?.off(null, null, this);
      Signal.clearData(this);
    });
    const begin = () => {
      this.isReady = true;
      void this.find();
    };
    // `sessionContext.ready` never resolves if the user has chosen no kernel.
    void context.ready.then(() => setTimeout(begin, NAMED_WITHIN));
    void sessionContext.ready.then(begin);
  }

  life(id: string | undefined, trusted: boolean): Life {
    if (trusted && id) this.ensureWatched(id);
    const { manager: found, kernel } = this;
    const manager = typeof found === 'string' ? found : found.restoredStatus ? 'restored' : 'restoring';
    return lifeOf({ trusted, named: Boolean(id), kernel, manager, model: id ? this.stateOf(id) : 'none' });
  }

  /** The last value of a trait; undefined if the widget is not live. */
  get(id: string, trait: string): unknown {
    return this.modelOf(id)?.get(trait);
  }

  /** Let the kernel close a widget whose last state has been written. */
  release(id: string): void {
    const { over } = (this.get(id, 'kept') ?? {}) as { over?: unknown };
    if (over === true) this.modelOf(id)?.send({ command: 'release' });
  }

  get kernel(): Facts['kernel'] {
    const kernel = this.panel.sessionContext.session?.kernel;
    if (!kernel) return this.isReady && this.panel.sessionContext.hasNoKernel ? 'none' : 'not yet';
    return ENDS.includes(kernel.status) ? 'dead' : 'alive';
  }

  /** The status changes with every cell; only the end and the return of the kernel are handled. */
  private onStatus(): void {
    const before = this.wasKernel;
    this.wasKernel = this.kernel;
    if (this.wasKernel === 'dead') this.markAllGone();
    else if (this.wasKernel !== before) this.notify();
  }

  private stateOf(id: string): Facts['model'] {
    const known = this.known.get(id) ?? (this.awaited.has(id) ? 'coming' : 'none');
    return typeof known === 'string' ? known : known.comm_live ? 'live' : 'closed';
  }

  private modelOf(id: string): Model | undefined {
    const known = this.known.get(id);
    return typeof known === 'object' ? known : undefined;
  }

  /** The kernel may send an output first, so that it is drawn at once, and its comm afterwards, in the same cell. */
  private onAny(kernel: Kernel.IKernelConnection, { msg, direction }: Kernel.IAnyMessageArgs): void {
    if (direction !== 'recv' || msg.header.msg_type !== 'display_data' || !kernel.handleComms) return;
    const id = widgetOf((msg as KernelMessage.IDisplayDataMsg).content.data);
    if (id && !kernel.hasComm(id)) this.awaited.set(id, (msg.parent_header as KernelMessage.IHeader).msg_id);
  }

  /** Called when a message has been handled: a comm has its model, and a cell that has ended opens no more. */
  private onHandled(_: unknown, msg: KernelMessage.IIOPubMessage): void {
    if (!this.awaited.size) return;
    const { comm_id: opened, execution_state: state } = msg.content as { comm_id?: string; execution_state?: string };
    const { msg_id: request } = msg.parent_header as KernelMessage.IHeader;
    const before = this.awaited.size;
    for (const [id, cell] of this.awaited)
      if (id === opened || (state === 'idle' && cell === request)) this.awaited.delete(id);
    if (this.awaited.size < before) this.notify();
  }

  private async find(): Promise<void> {
    const kernel = this.panel.sessionContext.session?.kernel;
    kernel?.anyMessage.connect(this.onAny, this);
    kernel?.iopubMessage.connect(this.onHandled, this);
    if (typeof this.manager === 'string' && this.kernel === 'alive' && !this.isFinding) {
      this.isFinding = true;
      this.manager = await managerOf(this.panel, this.shared);
      this.isFinding = false;
      if (typeof this.manager !== 'string') this.manager.restored.connect(this.notify, this);
    }
    this.notify();
  }

  private ensureWatched(id: string): void {
    const { manager } = this;
    if (typeof manager === 'string' || this.stateOf(id) !== 'none' || !manager.has_model(id)) return;
    this.known.set(id, 'coming');
    void manager.get_model(id).then(
      (model) => this.watch(id, model),
      () => this.markGone([id])
    );
  }

  private watch(id: string, model: Model): void {
    if (this.known.get(id) === 'closed' || this.panel.isDisposed) return;
    this.known.set(id, model);
    model.on('comm_live_update', () => this.notify(), this);
    model.on('comm:close', () => this.markGone([id]), this);
    model.on('change:kept', () => this.kept.emit(id), this);
    this.notify();
    this.kept.emit(id);
  }

  /** Called when the kernel ends, not later: the status changes again before ipywidgets notices. */
  private markAllGone(): void {
    const ids = [...this.known.keys(), ...this.awaited.keys()];
    this.markGone(ids.filter((id) => this.known.get(id) !== 'closed'));
  }

  private markGone(ids: string[]): void {
    if (ids.length) this.leaving.emit();
    for (const id of ids) {
      this.modelOf(id)?.off(null, null, this);
      this.known.set(id, 'closed');
      this.awaited.delete(id);
    }
    this.notify();
  }

  private notify(): void {
    if (!this.panel.isDisposed) this.changed.emit();
  }
}

export function widgetOf(data: object): string | undefined {
  const { model_id: id } = ((data as Record<string, unknown>)[WIDGET_VIEW] ?? {}) as { model_id?: unknown };
  return typeof id === 'string' ? id : undefined;
}

const isBound = (registry: IRenderMimeRegistry, shared: IRenderMimeRegistry) =>
  registry.getFactory(WIDGET_VIEW) !== shared.getFactory(WIDGET_VIEW);

/** The registry outside a notebook, such as a console, if ipywidgets has added its factory there. */
export function boundRegistry(place: Widget, shared: IRenderMimeRegistry): IRenderMimeRegistry | null {
  for (let at: Widget | null = place; at; at = at.parent) {
    const { rendermime } = at as { rendermime?: IRenderMimeRegistry };
    if (rendermime) return isBound(rendermime, shared) ? rendermime : null;
  }
  return null;
}

/** The manager; `none` if ipywidgets has none for this notebook, `hidden` if it cannot be reached. */
async function managerOf(panel: NotebookPanel, shared: IRenderMimeRegistry): Promise<Manager | 'none' | 'hidden'> {
  const { rendermime } = panel.content;
  const until = performance.now() + BINDS_WITHIN;
  // ipywidgets adds its factory to the notebook's registry once the kernel has started, without a signal.
  while (!isBound(rendermime, shared)) {
    if (panel.isDisposed || performance.now() > until) return 'none';
    await new Promise((next) => setTimeout(next, LOOKS_EVERY));
  }
  const renderer = rendermime.createRenderer(WIDGET_VIEW);
  const manager = await (renderer as unknown as { _manager?: { promise?: Promise<Manager> } })._manager?.promise;
  renderer.dispose();
  return manager && 'has_model' in manager && 'restored' in manager ? manager : 'hidden';
}
