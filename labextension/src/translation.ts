/** Translates the extension's texts into the language of JupyterLab: English without a translation, and before it is set. */
import type { ITranslator } from '@jupyterlab/translation';

type Value = string | number;

/** The name of this extension in language packs. */
const DOMAIN = 'lg_magics';

const filled = (text: string, values: Value[]) => text.replace(/%(\d)/g, (_, place) => String(values[place - 1] ?? ''));

/** `%1` in a text stands for the first value; of a plural text, for the count. */
export const trans = {
  __: (text: string, ...values: Value[]) => filled(text, values),
  _n: (one: string, many: string, count: number, ...values: Value[]) =>
    filled(count === 1 ? one : many, [count, ...values])
};

/** Translate from now on. */
export function translate(translator: ITranslator | null): void {
  const bundle = translator?.load(DOMAIN);
  if (!bundle) return;
  trans.__ = (text, ...values) => bundle.__(text, ...values);
  trans._n = (one, many, count, ...values) => bundle._n(one, many, count, ...values);
}
