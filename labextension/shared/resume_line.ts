/** The line that gives the answers of a form in a cell. Pure: knows questions and what was filled in. */
import type { Answers } from './page';
import type { Interrupt } from './questions';

/** `line` with what was said, where one line can say it; else as it is, to be filled in. */
export function resumeLine(line: string, asks: Interrupt[], answers: Answers): string {
  const [asked, ...others] = asks;
  if (!asked) return line.trim();
  if (others.length) return line;
  const { way, text } = answers.said(asked.id);
  const words = text.trim();
  if (/^(accept|approve|ignore)$/.test(way) || (way === 'reject' && !words)) return `${line}--${way}`;
  const option = way ? `--${way} ` : '';
  return words && !/\n|^[-$]/.test(words) ? `${line}${option}${words}` : line + option;
}
