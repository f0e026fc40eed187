/** The item in the status bar: live runs and waiting ones of the notebook in focus. Knows the bar; a press opens the panel. */
import { Widget } from '@lumino/widgets';
import { NOTHING_KNOWN } from './known';
import type { Links } from './panel_links';

export class StatusItem extends Widget {
  private button = document.createElement('button');

  constructor(
    private links: Links,
    press: () => void
  ) {
    super();
    this.addClass('lg-status');
    this.button.type = 'button';
    this.button.title = 'Show the LangGraph panel';
    this.button.onclick = press;
    this.node.append(this.button);
    links.currentChanged.connect(this.show_, this);
    this.show_();
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.links.currentChanged.disconnect(this.show_, this);
    super.dispose();
  }

  /** There is nothing to say of a kernel that does not know lg_magics. */
  get isActive(): boolean {
    return Boolean(this.links.speaker?.model?.known.runs);
  }

  private show_(): void {
    const { connected, live, waiting } = this.links.speaker?.model?.known ?? NOTHING_KNOWN;
    const parts = [live ? `${live} live` : '', waiting ? `${waiting} waiting` : ''].filter(Boolean);
    const words = `LangGraph: ${parts.join(', ') || (connected ? 'no live run' : 'not connected')}`;
    if (this.button.textContent !== words) this.button.textContent = words;
  }
}
