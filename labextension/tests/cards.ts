/** The trees of the views that the Python tests draw too, made by Python, and a page to draw them on. */
import { execFileSync } from 'node:child_process';
import { checked } from '../runtime/allowed';
import type { Child } from '../runtime/tree';
import { View } from '../runtime/view';
import { place } from './place';

interface Sample {
  tree: unknown;
  /** What the notebook keeps. */
  html: string;
}

const PYTHON = { cwd: '..', encoding: 'utf-8', maxBuffer: 10_000_000 } as const;

/** What a script of the Python tests prints, as JSON. */
export const fromPython = (...script: string[]): unknown => JSON.parse(execFileSync('python', script, PYTHON));

export const SAMPLES = fromPython('tests/view_samples.py') as Record<string, Sample>;
export const NAMES = Object.keys(SAMPLES);
export const treeOf = (name: string): unknown => structuredClone(SAMPLES[name]!.tree);

/** A view on a page whose kernel answers when the test asks for it. */
export function shown(tree: unknown, { isLive = true, name = 'v', isChecked = true } = {}) {
  const element = place();
  const controller = new AbortController();
  const asked: { command: string; given: object; resolve(result: unknown): void; reject(why: unknown): void }[] = [];
  const ask = (command: string, given: object) =>
    new Promise<unknown>((resolve, reject) => asked.push({ command, given, resolve, reject }));
  const view = new View(element, ask, name, controller.signal);
  const show = (next: unknown, ahead = 0) =>
    view.show({ tree: isChecked ? checked(next) : (next as Child), ahead, isLive });
  show(tree);
  const button = (label: string, which = 0) => {
    const found = [...element.querySelectorAll('button')].filter((each) => each.textContent === label)[which];
    if (!found) throw new Error(`no button ${label}`);
    return found;
  };
  const type = (text: string, which = 0) => {
    const box = element.querySelectorAll<HTMLInputElement>('textarea, input')[which]!;
    box.value = text;
    box.dispatchEvent(new Event('input', { bubbles: true }));
  };
  return { element, asked, show, button, type, end: () => controller.abort() };
}

/** Let what was promised come about. */
export const settle = () => new Promise((next) => setTimeout(next));
