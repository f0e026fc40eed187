/**
 * The form of a thread that waits: for each question what may be answered, and one button that sends all answers.
 * A function of the question and of what the page holds. Nothing is filled in beforehand; no key sends.
 */
import { h, type Maybe } from './dom';
import { liveButton } from './live_button';
import type { Answers } from './page';
import type { Interrupt } from './questions';

/** The fields of one question: its ways as buttons, a box where a way wants a text. */
export function drawForm({ id, node, question, ways, args }: Interrupt, page: Answers): Maybe {
  const { way, text } = page.said(id);
  const choose = (name: string, label = name) => {
    const chosen = way === name;
    const click = () => page.say(id, { way: chosen && !ways.length ? '' : name });
    return liveButton({ class: 'lg-way', key: name, 'aria-pressed': String(chosen), click }, label);
  };
  const box = {
    class: 'lg-answer',
    key: 'text',
    rows: Math.min(12, Math.max(2, text.split('\n').length)),
    'aria-label': `${ways.length ? way : 'answer'}: ${question}`,
    placeholder: PLACEHOLDERS.get(way) ?? 'your answer',
    spellcheck: 'false',
    value: text,
    input: (typed: string) => page.say(id, { text: typed })
  };
  return h(
    'div',
    { class: 'lg-form', role: 'group', 'aria-label': `answer to ${node}`, 'data-live': '' },
    ways.length > 0 &&
      h(
        'div',
        { class: 'lg-ways' },
        ways.map((name) => choose(name))
      ),
    takesText(ways, way) && h('textarea', box),
    !ways.length && choose('json', 'as JSON'),
    way === 'edit' &&
      args &&
      liveButton(
        { key: 'copy', click: () => page.say(id, { text: args }) },
        'Copy the arguments into the box'
      )
  );
}

const PLACEHOLDERS = new Map([
  ['edit', 'all arguments as JSON, or name=value'],
  ['json', 'JSON'],
  ['reject', 'why, if you like']
]);
const takesText = (ways: string[], way: string) => wantsText(ways, way) || way === 'reject';
const wantsText = (ways: string[], way: string) => !ways.length || way === 'edit' || way === 'respond';

/** Whether everything is filled in that this question wants. */
function isAnswered({ id, ways }: Interrupt, page: Answers): boolean {
  const { way, text } = page.said(id);
  return wantsText(ways, way) ? text.trim() !== '' : ways.includes(way);
}

/** The button that sends; it waits until every question is answered. */
export function drawResume({ interrupts }: { interrupts: Interrupt[] }, page: Answers): Maybe {
  const properties = {
    class: 'lg-resume',
    disabled: !interrupts.every((each) => isAnswered(each, page)),
    'aria-disabled': page.resuming,
    click: () => page.resuming || page.resume()
  };
  return liveButton(properties, page.resuming ? 'sending…' : interrupts.length ? 'Resume' : 'Go on');
}

/** What is sent for a question. */
export function answerTo({ id, ways }: Interrupt, page: Answers): object {
  const { way, text } = page.said(id);
  return { interrupt_id: id, kind: way || 'text', value: takesText(ways, way) ? text : null };
}
