/**
 * One of our outputs on a page: its live widget, or else the saved view with a bar that explains how to bring it back. Knows the page;
 * WidgetModels knows which widgets are live.
 */
import type { NotebookPanel } from '@jupyterlab/notebook';
import { type IRenderMime, type IRenderMimeRegistry, MimeModel } from '@jupyterlab/rendermime';
import type { JSONObject } from '@lumino/coreutils';
import { Panel, Widget } from '@lumino/widgets';
import { insertOrCopy } from '../runtime/page';
import { View } from '../runtime/view';
import type { KernelConnections } from './kernel_connections';
import { type Bar, barFor, barTree, drawSaved, VIEW } from './saved_view';
import { type Life, WIDGET_VIEW, widgetOf, type WidgetModels } from './widget_models';

/** The surroundings of an output: the widgets of its notebook, and the registry that renders widgets there, if there is one. */
export interface Place {
  models: WidgetModels | null;
  registry: IRenderMimeRegistry | null;
}

export class OutputView extends Panel implements IRenderMime.IRenderer {
  private model: IRenderMime.IMimeModel | null = null;
  private place: Place = { models: null, registry: null };
  private live: { id: string; widget: IRenderMime.IRenderer; drawn: Promise<void> } | null = null;
  private picture = new Widget();
  private bar = new Widget();
  private shown = '';
  private barLife = new AbortController();

  /** `find` returns its surroundings; `links` reach the notebook's kernel; `trust` asks the user to trust the notebook. */
  constructor(
    private find: (place: Widget) => Place,
    private links: KernelConnections | null,
    private trust: (notebook: NotebookPanel) => Promise<void>
  ) {
    super();
    this.addClass('lg-output');
    this.picture.addClass('lg-still');
    this.bar.addClass('lg-lost');
    this.bar.node.setAttribute('role', 'note');
    this.addWidget(this.picture);
    this.addWidget(this.bar);
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.model = model;
    this.redraw();
  }

  dispose(): void {
    this.leave();
    this.barLife.abort();
    super.dispose();
  }

  protected onAfterAttach(): void {
    this.place = this.find(this);
    this.place.models?.changed.connect(this.redraw, this);
    this.redraw();
  }

  private redraw(): void {
    if (!this.model || !this.isAttached) return; // its place decides what it shows
    const life = this.life(this.model);
    if (life === 'live') this.delegate(this.model);
    else this.draw(this.model, life);
  }

  private life({ data, trusted }: IRenderMime.IMimeModel): Life {
    const { models, registry } = this.place;
    const id = widgetOf(data);
    if (models) return models.life(id, trusted);
    return trusted && id && registry ? 'live' : 'alone';
  }

  /** Draw the saved view. The same view is drawn once, so that its open folds stay open. */
  private draw({ data }: IRenderMime.IMimeModel, life: Life): void {
    this.leave();
    const view = data[VIEW];
    const bar = barFor(view, life);
    const wanted = JSON.stringify([view, bar]);
    if (wanted === this.shown) return;
    this.shown = wanted;
    drawSaved(this.picture.node, view);
    this.drawBar(bar);
  }

  private drawBar(bar: Bar | null): void {
    this.barLife.abort();
    this.barLife = new AbortController();
    this.bar.setHidden(!bar?.words);
    this.bar.node.replaceChildren();
    if (!bar) return;
    const view = new View(this.bar.node, () => this.bringBack(bar), '', this.barLife.signal);
    view.show({ tree: barTree(bar), ahead: 0, isLive: true });
  }

  /** Make the run's card live again. If the kernel cannot, insert a cell with the line. Returns a message for the user. */
  private async bringBack({ line, run, canTrust }: Bar): Promise<{ message: string } | null> {
    const [notebook, model] = [this.place.models?.panel, this.model];
    let problem = '';
    try {
      if (canTrust && notebook) await this.trust(notebook);
      if (canTrust) return null;
      if (this.links && notebook && model && run) {
        const { bundle } = (await this.links.ask(notebook, 'reattach', run)) as { bundle: JSONObject };
        if (model === this.model) model.setData({ data: bundle });
        return null;
      }
    } catch (error) {
      problem = `${(error as Error).message} `;
    }
    const { words, isFailure } = await insertOrCopy(this.node, line);
    if (problem || isFailure) throw new Error(problem + words);
    return { message: words };
  }

  /** Show the widget, with the renderer of this notebook. */
  private delegate({ data }: IRenderMime.IMimeModel): void {
    const id = widgetOf(data)!;
    if (this.live?.id === id) return;
    this.leave();
    const widget = this.place.registry!.createRenderer(WIDGET_VIEW);
    const view = { ...(data[WIDGET_VIEW] as object) };
    const drawn = widget.renderModel(new MimeModel({ trusted: true, data: { [WIDGET_VIEW]: view } }));
    const live = (this.live = { id, widget, drawn: drawn.catch(() => undefined) });
    widget.hide();
    this.addWidget(widget);
    void live.drawn.then(() => {
      if (this.live !== live) return;
      widget.show();
      this.shown = '';
      this.picture.node.replaceChildren();
      this.drawBar(null);
    });
  }

  /** Remove the widget. Its renderer throws if it is disposed while it draws, so it is disposed afterwards. */
  private leave(): void {
    const { live } = this;
    this.live = null;
    if (!live) return;
    live.widget.hide();
    live.widget.parent = null;
    void live.drawn.then(() => live.widget.dispose());
  }
}
