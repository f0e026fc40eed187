/**
 * What is done from the panel: asked back where it must be, sent, and what came of it. Knows actions and the conversation; draws
 * nothing. A protected deployment is named, and asked about before anything is written to it.
 */
import { type Action, type ListName, nameOf, type Row, saidFrom } from './panel';
import type { PanelModel } from './panel_model';
import { keyOf, type Question } from './panel_page';
import type { Refusal } from './panel_talk';

/** Where the keyboard goes if what had it is gone. */
export type Focus = (element: Element) => HTMLElement | null | undefined;

/** The first that fits a selector. */
export const firstOf =
  (selector: string): Focus =>
  (element) =>
    element.querySelector<HTMLElement>(selector);

const OPENED = firstOf('.lg-rowhead[aria-expanded=true]');
const REFRESH = firstOf('.lg-refresh');

export class PanelDeeds {
  question: Question | null = null;
  said = '';
  failure = '';
  private doing = new Set<string>();
  private asked: { command: string; given: object; key: string } | null = null;

  /** `redraw` brings the keyboard to `focus` if what had it is gone; `done` is called when something was done. */
  constructor(
    private model: () => PanelModel | null,
    private redraw: (focus?: Focus) => void,
    private done: (command: string) => void
  ) {}

  isDoing(key: string): boolean {
    return this.doing.has(key);
  }

  press(action: Action, name: ListName, row: Row | null): void {
    const key = keyOf(action, name, row);
    const given = argumentsOf(action, row);
    const { protected: isProtected = false, deployment = '' } = this.model()?.deployment ?? {};
    const wantsYes = isProtected && action.writes;
    this.quiet();
    this.asked = { command: action.command, given: wantsYes ? { ...given, yes: true } : given, key };
    if (!action.ask && !wantsYes) return this.yes();
    this.question = question(key, action, row, wantsYes ? deployment : '');
    this.redraw(firstOf('.lg-keep'));
  }

  yes(): void {
    const { key, command, given } = this.asked!;
    void this.do(key, command, given);
  }

  no(): void {
    const key = this.question?.key;
    this.quiet();
    this.redraw((element) =>
      [...element.querySelectorAll<HTMLElement>('.lg-do')].find(({ dataset }) => dataset.key === key)
    );
  }

  /** Ask for it, and tell what came of it. Says whether it was done; it is not asked for twice at once. */
  async do(key: string, command: string, given: object): Promise<boolean> {
    const model = this.model();
    if (!model || this.doing.has(key)) return false;
    this.doing.add(key);
    this.redraw();
    const came = await model.talk.ask(command, given).then(
      (result) => ({ said: saidFrom(result), failure: '' }),
      (problem: Refusal) => ({ said: '', failure: problem.words })
    );
    this.doing.delete(key);
    if (model !== this.model()) return false;
    this.tell(came);
    if (came.failure) model.refresh();
    else this.done(command);
    this.redraw((element) => OPENED(element) ?? REFRESH(element));
    return !came.failure;
  }

  tell({ said, failure }: { said: string; failure: string }): void {
    [this.said, this.failure, this.question] = [said, failure, null];
  }

  quiet(): void {
    this.tell({ said: '', failure: '' });
  }

  /** Another kernel's deeds begin anew. */
  clear(): void {
    this.quiet();
    this.doing.clear();
  }
}

function argumentsOf({ argument, also }: Action, row: Row | null): object {
  if (!row) return argument ? { [argument]: true } : {};
  return { [argument]: row.id, ...(also ? { [also]: row.thread } : {}) };
}

/** What is asked back: it names the thing, and the deployment where that is protected. */
function question(key: string, action: Action, row: Row | null, deployment: string): Question {
  const asked = row
    ? action.ask.replace('{}', () => nameOf(row)) || `${action.label}: ${nameOf(row)}?`
    : action.ask;
  const words = deployment ? `${deployment} is protected. ${asked || `${action.label}?`}` : asked;
  const short = row?.shown.split(' ')[0] || row?.word || '';
  return { key, words, yes: `${action.label}${short ? ` ${short}` : ''}` };
}
