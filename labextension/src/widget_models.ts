/**
 * The widgets of one notebook: which of them live, and what the kernel last sent of them. Knows kernels and models; knows no output and
 * draws nothing.
 *
 * That a model is there says little: ipywidgets keeps the models of kernels that are gone. And an id never comes back, so what is
 * closed stays closed.
 *
 * ipywidgets gives its manager to nobody, so the one private thing that is needed of it is asked for here and nowhere else: its
 * renderer of widgets, made for a notebook, holds a promise of the manager.
 */
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { type ISignal, Signal } from '@lumino/signaling';
import type { Widget } from '@lumino/widgets';

export const WIDGET_VIEW = 'application/vnd.jupyter.widget-view+json';
const BINDS_WITHIN = 10_000; // ms after the kernel is there
const LOOKS_EVERY = 50; // ms
const NAMED_WITHIN = 3_000; // ms in which a kernel has a name, where there will be one
const ENDS = ['restarting', 'autorestarting', 'terminating', 'dead'];

/**
 * `live`: its model has a comm. `gone`: it has none, and never will again. `dead`: so is its kernel. `pending`: not known yet.
 * `alone`: no kernel is here. `unbound`: JupyterLab gave this notebook no widgets. `untrusted`: nobody has trusted it.
 */
export type Life = 'live' | 'gone' | 'dead' | 'pending' | 'alone' | 'unbound' | 'untrusted';

export interface Facts {
  trusted: boolean;
  /** The output names a widget. */
  named: boolean;
  kernel: 'not yet' | 'none' | 'dead' | 'alive';
  /** ipywidgets' manager of the notebook; `hidden` is one that cannot be reached. */
  manager: 'not yet' | 'none' | 'hidden' | 'restoring' | 'restored';
  /** What the manager has under that name. */
  model: 'none' | 'coming' | 'live' | 'closed';
}

/** Whether the widget of an output lives. Pure. */
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
  /** Something is alive now that was not, or the other way round. */
  readonly changed = new Signal<this, void>(this);
  /** The kernel goes; what it sent last can still be read. */
  readonly leaving = new Signal<this, void>(this);
  /** The kernel has sent what the notebook keeps of this widget. */
  readonly kept = new Signal<this, string>(this);
  private manager: Manager | 'not yet' | 'none' | 'hidden' = 'not yet';
  private watched = new Map<string, Model>();
  private coming = new Set<string>();
  private closed = new Set<string>();
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
      for (const model of this.watched.values()) model.off(null, null, this);
      Signal.clearData(this);
    });
    const begin = () => {
      if (panel.isDisposed) return;
      this.isReady = true;
      void this.find();
    };
    // `sessionContext.ready` never comes where a person has chosen no kernel.
    void context.ready.then(() => setTimeout(begin, NAMED_WITHIN));
    void sessionContext.ready.then(begin);
  }

  /** Whether the widget with this id lives; without an id there is none. */
  life(id: string | undefined, trusted: boolean): Life {
    if (trusted && id) this.ensureWatched(id);
    const { manager, kernel } = this;
    return lifeOf({
      trusted,
      named: Boolean(id),
      kernel,
      manager: typeof manager === 'string' ? manager : manager.restoredStatus ? 'restored' : 'restoring',
      model: id ? this.stateOf(id) : 'none'
    });
  }

  /** What a widget last held in a trait; nothing if it does not live. */
  get(id: string, trait: string): unknown {
    return this.watched.get(id)?.get(trait);
  }

  /** Let the kernel close a widget: what it sent last is written down. */
  release(id: string): void {
    const { over } = (this.get(id, 'kept') ?? {}) as { over?: unknown };
    if (over === true) this.watched.get(id)?.send({ command: 'release' });
  }

  get hasKernel(): boolean {
    return this.kernel === 'alive';
  }

  private get kernel(): Facts['kernel'] {
    const kernel = this.panel.sessionContext.session?.kernel;
    if (!kernel) return this.isReady && this.panel.sessionContext.hasNoKernel ? 'none' : 'not yet';
    return ENDS.includes(kernel.status) ? 'dead' : 'alive';
  }

  /** The status changes with every cell; only that the kernel goes or comes matters. */
  private onStatus(): void {
    const before = this.wasKernel;
    this.wasKernel = this.kernel;
    if (this.wasKernel === 'dead') this.markAllGone();
    else if (this.wasKernel !== before) this.notify();
  }

  private stateOf(id: string): Facts['model'] {
    if (this.closed.has(id)) return 'closed';
    const model = this.watched.get(id);
    if (model) return model.comm_live ? 'live' : 'closed';
    return this.coming.has(id) ? 'coming' : 'none';
  }

  private async find(): Promise<void> {
    if (typeof this.manager === 'string' && this.hasKernel && !this.isFinding) {
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
    this.coming.add(id);
    void manager.get_model(id).then(
      (model) => this.watch(id, model),
      () => this.markGone([id])
    );
  }

  private watch(id: string, model: Model): void {
    if (this.closed.has(id) || this.panel.isDisposed) return;
    this.watched.set(id, model);
    model.on('comm_live_update', () => this.notify(), this);
    model.on('comm:close', () => this.markGone([id]), this);
    model.on('change:kept', () => this.kept.emit(id), this);
    this.notify();
    this.kept.emit(id);
  }

  /** Decided when the kernel goes and not later: until ipywidgets knows, the status passes through others. */
  private markAllGone(): void {
    this.markGone([...this.watched.keys(), ...this.coming]);
  }

  private markGone(ids: string[]): void {
    if (ids.length) this.leaving.emit();
    for (const id of ids) {
      this.watched.get(id)?.off(null, null, this);
      this.watched.delete(id);
      this.coming.delete(id);
      this.closed.add(id);
    }
    this.notify();
  }

  private notify(): void {
    if (!this.panel.isDisposed) this.changed.emit();
  }
}

const isBound = (registry: IRenderMimeRegistry, shared: IRenderMimeRegistry) =>
  registry.getFactory(WIDGET_VIEW) !== shared.getFactory(WIDGET_VIEW);

/** The registry of a place that is no notebook, as a console, if ipywidgets has put its factory there too. */
export function boundRegistry(place: Widget, shared: IRenderMimeRegistry): IRenderMimeRegistry | null {
  for (let at: Widget | null = place; at; at = at.parent) {
    const { rendermime } = at as { rendermime?: IRenderMimeRegistry };
    if (rendermime) return isBound(rendermime, shared) ? rendermime : null;
  }
  return null;
}

/** The manager; `none` if ipywidgets binds none to this notebook, `hidden` if it is one that cannot be reached. */
async function managerOf(panel: NotebookPanel, shared: IRenderMimeRegistry): Promise<Manager | 'none' | 'hidden'> {
  const { rendermime } = panel.content;
  const until = performance.now() + BINDS_WITHIN;
  // ipywidgets puts a factory of its own into the notebook's registry, once the kernel is there; there is no signal.
  while (!isBound(rendermime, shared)) {
    if (panel.isDisposed || performance.now() > until) return 'none';
    await new Promise((next) => setTimeout(next, LOOKS_EVERY));
  }
  const renderer = rendermime.createRenderer(WIDGET_VIEW);
  const manager = await (renderer as unknown as { _manager?: { promise?: Promise<Manager> } })._manager?.promise;
  renderer.dispose();
  return manager && 'has_model' in manager && 'restored' in manager ? manager : 'hidden';
}
