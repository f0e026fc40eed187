/**
 * One output of ours on a page: the live widget while there is one, else a picture of the view that the notebook holds, and
 * below it what to do about that. Knows the page; whether a widget lives is known to Models.
 */
import { type IRenderMime, type IRenderMimeRegistry, MimeModel } from '@jupyterlab/rendermime';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { JSONValue } from '@lumino/coreutils';
import type { Message } from '@lumino/messaging';
import { Panel, Widget } from '@lumino/widgets';
import { insertOrCopy, type Told } from '../shared/insert';
import type { KernelTalk } from './kernel_talk';
import { type Bar, barFor, drawBar } from './renderer_bar';
import { widgetOf } from './renderer_keeper';
import { drawSaved, VIEW } from './renderer_kinds';
import type { Life } from './renderer_life';
import { WIDGET_VIEW } from './renderer_manager';
import type { Models } from './renderer_models';

interface Live {
  id: string;
  widget: IRenderMime.IRenderer;
  drawn: Promise<void>;
}

/** Where an output stands: the widgets of its notebook; and what makes widgets there, if anything does. */
export interface Place {
  models: Models | null;
  registry: IRenderMimeRegistry | null;
}

export class OutputView extends Panel implements IRenderMime.IRenderer {
  private model: IRenderMime.IMimeModel | null = null;
  private place: Place = { models: null, registry: null };
  private live: Live | null = null;
  private picture = new Widget();
  private bar = new Widget();
  private shown = '';

  /** `find` returns where it stands; `talk` asks the notebook's kernel; `trust` asks the person to trust the notebook. */
  constructor(
    private find: (place: Widget) => Place,
    private talk: KernelTalk | null,
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
    if (this.isDisposed) return;
    this.models?.changed.disconnect(this.redraw, this);
    this.leave();
    super.dispose();
  }

  protected onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.models?.changed.disconnect(this.redraw, this);
    this.place = this.find(this);
    this.models?.changed.connect(this.redraw, this);
    this.redraw();
  }

  private get models(): Models | null {
    return this.place.models;
  }

  private redraw(): void {
    if (!this.model || this.isDisposed) return;
    const life = this.life(this.model);
    if (life === 'live') this.delegate(this.model);
    else this.draw(this.model, life);
  }

  private life({ data, trusted }: IRenderMime.IMimeModel): Life {
    if (!trusted) return 'untrusted';
    const id = widgetOf(data);
    if (this.models) return this.models.life(id, trusted);
    return id && this.place.registry ? 'live' : 'alone';
  }

  /** The same view over and over is drawn once, so that what is open in it stays open. */
  private draw({ data }: IRenderMime.IMimeModel, life: Life): void {
    this.leave();
    const view = data[VIEW];
    const { canTrust, ...said } = barFor(view, life);
    const bar = canTrust && this.models ? { ...said, canTrust } : said;
    const wanted = JSON.stringify([view, bar]);
    if (wanted === this.shown) return;
    this.shown = wanted;
    this.bar.show();
    drawSaved(this.picture.node, view);
    drawBar(this.bar.node, bar, () => this.bringBack(bar));
  }

  /** Make the run's card live again here; where the kernel cannot do it, a cell can. */
  private async bringBack({ line, run, canTrust }: Bar): Promise<Told> {
    const [notebook, model] = [this.models?.panel, this.model];
    try {
      if (canTrust) {
        if (notebook) await this.trust(notebook);
        return { said: '', failure: '' };
      }
      if (!this.talk || !notebook || !model || !run) return await insertOrCopy(this.node, line);
      const answer = await this.talk.ask(notebook, 'reattach', run);
      const { bundle } = (answer ?? {}) as { bundle?: Record<string, JSONValue> };
      if (!bundle || !(bundle[VIEW] || bundle['text/html'])) throw new Error('The kernel gave no card.');
      if (model === this.model) model.setData({ data: bundle });
      return { said: '', failure: '' };
    } catch (problem) {
      const { said, failure } = await insertOrCopy(this.node, line);
      return { said, failure: [(problem as Error).message, failure].filter(Boolean).join(' ') };
    }
  }

  /** Hand over to JupyterLab's own renderer of widgets, the one that this notebook has. */
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
    void live.drawn.then(() => this.live === live && this.uncover(widget));
  }

  private uncover(widget: IRenderMime.IRenderer): void {
    widget.show();
    this.shown = '';
    this.picture.node.replaceChildren();
    this.bar.hide();
  }

  /** A renderer of widgets that is disposed while it draws throws: it goes when it has drawn. */
  private leave(): void {
    const { live } = this;
    this.live = null;
    if (!live) return;
    live.widget.hide();
    live.widget.parent = null;
    void live.drawn.then(() => live.widget.dispose());
  }
}
