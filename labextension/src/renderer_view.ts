/**
 * One output of ours on a page: the live widget while there is one, else a picture of the view that the notebook holds, and
 * below it what to do about that. Knows the page; whether a widget lives is known to Models.
 */
import { type IRenderMime, MimeModel } from '@jupyterlab/rendermime';
import type { Message } from '@lumino/messaging';
import { Panel, Widget } from '@lumino/widgets';
import { barFor, drawBar } from './renderer_bar';
import { widgetOf } from './renderer_keeper';
import { KINDS, typeIn } from './renderer_kinds';
import type { Life } from './renderer_life';
import { WIDGET_VIEW } from './renderer_manager';
import type { Models } from './renderer_models';
import { drawStill } from './renderer_still';

interface Live {
  id: string;
  widget: IRenderMime.IRenderer;
  drawn: Promise<void>;
}

export class OutputView extends Panel implements IRenderMime.IRenderer {
  private model: IRenderMime.IMimeModel | null = null;
  private models: Models | null = null;
  private live: Live | null = null;
  private picture = new Widget();
  private bar = new Widget();
  private shown = '';

  /** `find` gives the widgets of the notebook that something stands in. */
  constructor(private find: (place: Widget) => Models | null) {
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
    this.models = this.find(this);
    this.models?.changed.connect(this.redraw, this);
    this.redraw();
  }

  private redraw(): void {
    if (!this.model || this.isDisposed) return;
    const life = this.life(this.model);
    this.node.dataset.life = life;
    if (life === 'live') this.delegate(this.model);
    else this.draw(this.model, life);
  }

  private life({ data, trusted }: IRenderMime.IMimeModel): Life {
    if (!trusted) return 'untrusted';
    return this.models?.life(widgetOf(data), trusted) ?? 'alone';
  }

  /** The same view over and over is drawn once, so that what is open in it stays open. */
  private draw({ data }: IRenderMime.IMimeModel, life: Life): void {
    this.leave();
    const type = typeIn(data)!;
    const [view, kind] = [data[type], KINDS[type]!];
    const bar = barFor(view, kind, life);
    const wanted = JSON.stringify([view, bar]);
    if (wanted === this.shown) return;
    this.shown = wanted;
    drawStill(this.picture.node, view, kind.draw);
    drawBar(this.bar.node, bar);
  }

  /** Hand over to JupyterLab's own renderer of widgets, the one that this notebook has. */
  private delegate({ data }: IRenderMime.IMimeModel): void {
    const id = widgetOf(data)!;
    if (this.live?.id === id) return;
    this.leave();
    const widget = this.models!.panel.content.rendermime.createRenderer(WIDGET_VIEW);
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
    drawBar(this.bar.node, { words: '', line: '' });
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
