/** A kernel that answers as it is told, the sections of tests/panel_fixtures, and a panel on a page over both. */
import { LivePanel } from '../shared/live_panel';
import type { Name } from '../shared/panel';
import { PanelModel } from '../shared/panel_model';
import type { PanelHost, PanelView } from '../shared/panel_page';
import { place } from './place';

const files = import.meta.glob<object>('../../tests/panel_fixtures/*.json', {
  eager: true,
  import: 'default'
});

/** A copy of one section, with some parts changed. */
export function sectionOf(name: string, changes: object = {}): Record<string, unknown> {
  return { ...structuredClone(files[`../../tests/panel_fixtures/${name}.json`]!), ...changes };
}

export const DEPLOYMENT = {
  name: 'deployment',
  connected: true,
  deployment: 'local',
  url: 'http://127.0.0.1:2025',
  version: '0.16.7',
  protected: false,
  assistant: 'agent',
  thread: 't1 “Add a ToDo to finish…”',
  defaults: ['user_id=Test']
};

export interface Asked {
  id: string;
  protocol: number;
  command: string;
  arguments: Record<string, unknown>;
}

/** The kernel's end: what was asked, and what each request gets. */
export class Kernel {
  asked: Asked[] = [];
  deployment: object = DEPLOYMENT;
  sections: Record<string, object> = {};
  /** What a command gets: a result, or an error. */
  answers: Record<string, (asked: Asked) => object> = {};
  holds = new Set<string>();
  model!: PanelModel;

  constructor(
    private changed: () => void = () => undefined,
    private always: Name[] = []
  ) {}

  /** Begin the conversation. */
  open(): PanelModel {
    this.model = new PanelModel(
      (data) => this.hear(data as Asked),
      () => this.changed(),
      this.always
    );
    return this.model;
  }

  hear(asked: Asked): void {
    this.asked.push(asked);
    if (!this.holds.has(asked.command)) queueMicrotask(() => this.answer(asked));
  }

  answer(asked: Asked): void {
    const { id, command } = asked;
    const name = String(asked.arguments.name);
    const given = this.answers[command]?.(asked);
    const known = name === 'deployment' ? this.deployment : (this.sections[name] ?? { rows: [] });
    const result = command === 'hello' ? { protocol: 1 } : command === 'section' ? known : { said: 'Done.' };
    this.model.talk.hear({ id, ok: true, result, ...given });
  }

  tell(...changed: string[]): void {
    this.model.talk.hear({ changed });
  }

  /** The commands that were asked for, sections by their names; from now on anew. */
  take(): string[] {
    const names = this.asked.map(({ command, arguments: given }) =>
      command === 'section' ? String(given.name) : command
    );
    this.asked = [];
    return names;
  }
}

/** Let everything that was asked be answered. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await Promise.resolve();
}

export const VIEW: PanelView = { title: 'trip.ipynb', words: '', lines: [], again: false, model: null };

export interface Shown {
  element: HTMLElement;
  kernel: Kernel;
  panel: LivePanel;
  inserted: string[];
  life: AbortController;
}

/** A panel that somebody looks at, with everything answered. */
export async function shown(sections: Record<string, object> = {}, host: PanelHost = {}): Promise<Shown> {
  const element = place();
  const life = new AbortController();
  const inserted: string[] = [];
  const insert = async (line: string) => {
    inserted.push(line);
    return { said: 'Inserted.', failure: '' };
  };
  const panel = new LivePanel(element, { insert, ...host }, life.signal);
  const kernel: Kernel = new Kernel(() => panel.present({ ...VIEW, model: kernel.model }));
  kernel.sections = sections;
  panel.see(true);
  panel.present({ ...VIEW, model: kernel.open() });
  await settle();
  return { element, kernel, panel, inserted, life };
}

/** The button that says this, or is called this. */
export function button(element: Element, name: string): HTMLButtonElement {
  const found = [...element.querySelectorAll('button')].find(
    (each) => (each.getAttribute('aria-label') ?? each.textContent) === name
  );
  if (!found) throw new Error(`no button ${name}`);
  return found;
}
