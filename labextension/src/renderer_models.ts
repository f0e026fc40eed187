/**
 * The widgets of one notebook: which of them live, and what the kernel last said of them. Knows kernels and models; knows no
 * output and draws nothing.
 *
 * That a model is there says little: ipywidgets keeps the models of kernels that are gone. And an id never comes back, so
 * what is closed stays closed.
 */
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { Signal } from '@lumino/signaling';
import { type Facts, type Life, lifeOf } from './renderer_life';
import { type Manager, managerOf, type Model } from './renderer_manager';

const NAMED_WITHIN = 3_000; // ms in which a kernel has a name, where there will be one
const GOING = ['restarting', 'autorestarting', 'terminating', 'dead'];

export class Models {
  /** Something is alive now that was not, or the other way round. */
  readonly changed = new Signal<this, void>(this);
  /** The kernel goes; what it last said can still be read. */
  readonly leaving = new Signal<this, void>(this);
  /** The kernel has said what the notebook is to keep of this widget. */
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
    const { sessionContext } = panel;
    sessionContext.statusChanged.connect(this.look, this);
    sessionContext.kernelChanged.connect((_, { oldValue }) => {
      if (oldValue) this.bury();
      void this.find();
    });
    panel.disposed.connect(() => this.end());
    // `sessionContext.ready` never comes where a person has chosen no kernel.
    void panel.context.ready.then(() => setTimeout(() => this.begin(), NAMED_WITHIN));
    void sessionContext.ready.then(() => this.begin());
  }

  /** Whether the widget with this id lives; without an id there is none. */
  life(id: string | undefined, trusted: boolean): Life {
    if (trusted && id) this.meet(id);
    const model = id ? this.stateOf(id) : 'none';
    const manager = typeof this.manager === 'string' ? this.manager : this.restored(this.manager);
    return lifeOf({ trusted, placed: true, named: Boolean(id), kernel: this.kernel, manager, model });
  }

  /** What a widget last held in a trait; nothing if it does not live. */
  get(id: string, trait: string): unknown {
    return this.watched.get(id)?.get(trait);
  }

  /** Let the kernel close a widget: what it last said is written down. */
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
    return GOING.includes(kernel.status) ? 'dead' : 'alive';
  }

  /** The status changes with every cell; that the kernel goes or comes is news. */
  private look(): void {
    const before = this.wasKernel;
    this.wasKernel = this.kernel;
    if (this.wasKernel === 'dead') this.bury();
    else if (this.wasKernel !== before) this.tell();
  }

  private stateOf(id: string): Facts['model'] {
    if (this.closed.has(id)) return 'closed';
    const model = this.watched.get(id);
    if (model) return model.comm_live ? 'live' : 'closed';
    return this.coming.has(id) ? 'coming' : 'none';
  }

  private restored(manager: Manager): 'restored' | 'restoring' {
    return manager.restoredStatus ? 'restored' : 'restoring';
  }

  private begin(): void {
    if (this.panel.isDisposed) return;
    this.isReady = true;
    void this.find();
  }

  private async find(): Promise<void> {
    if (typeof this.manager === 'string' && this.kernel === 'alive' && !this.isFinding) {
      this.isFinding = true;
      this.manager = await managerOf(this.panel, this.shared);
      this.isFinding = false;
      if (typeof this.manager !== 'string') this.manager.restored.connect(this.tell, this);
    }
    this.tell();
  }

  private meet(id: string): void {
    const { manager } = this;
    if (typeof manager === 'string' || this.stateOf(id) !== 'none' || !manager.has_model(id)) return;
    this.coming.add(id);
    void manager.get_model(id).then(
      (model) => this.watch(id, model),
      () => this.close(id)
    );
  }

  private watch(id: string, model: Model): void {
    if (this.closed.has(id) || this.panel.isDisposed) return;
    this.watched.set(id, model);
    model.on('comm_live_update', () => this.tell(), this);
    model.on('comm:close', () => this.close(id), this);
    model.on('change:kept', () => this.kept.emit(id), this);
    this.tell();
    this.kept.emit(id);
  }

  private close(id: string): void {
    this.leave([id]);
    this.tell();
  }

  /** Decided when the kernel goes and not later: until ipywidgets knows, the status passes through others. */
  private bury(): void {
    this.leave([...this.watched.keys(), ...this.coming]);
    this.tell();
  }

  private leave(ids: string[]): void {
    if (ids.length) this.leaving.emit();
    for (const id of ids) {
      this.watched.get(id)?.off(null, null, this);
      this.watched.delete(id);
      this.coming.delete(id);
      this.closed.add(id);
    }
  }

  private tell(): void {
    if (!this.panel.isDisposed) this.changed.emit();
  }

  private end(): void {
    for (const model of this.watched.values()) model.off(null, null, this);
    Signal.clearData(this);
  }
}
