/** Translates the extension's texts into the language of JupyterLab: English without a translation, and before it is set. */
import { type ITranslator, nullTranslator } from '@jupyterlab/translation';

/** The name of this extension in language packs. */
const DOMAIN = 'lg_magics';

export let trans = nullTranslator.load(DOMAIN);

/** Translate from now on. */
export function translate(translator: ITranslator | null): void {
  if (translator) trans = translator.load(DOMAIN);
}
