/** Whether the widget of an output lives, from what is known of notebook, kernel and model. Pure. */

/**
 * `live`: its model has a comm. `gone`: it has none, and never will again. `dead`: so is its kernel. `pending`: not known yet.
 * `alone`: no kernel is here. `unbound`: JupyterLab gave this notebook no widgets. `untrusted`: nobody has said that it may act.
 */
export type Life = 'live' | 'gone' | 'dead' | 'pending' | 'alone' | 'unbound' | 'untrusted';

export interface Facts {
  trusted: boolean;
  /** The notebook that it is in was found. */
  placed: boolean;
  /** The output names a widget. */
  named: boolean;
  kernel: 'not yet' | 'none' | 'dead' | 'alive';
  /** ipywidgets' manager of the notebook; `hidden` is one that cannot be reached. */
  manager: 'not yet' | 'none' | 'hidden' | 'restoring' | 'restored';
  /** What the manager has under that name. */
  model: 'none' | 'coming' | 'live' | 'closed';
}

export function lifeOf({ trusted, placed, named, kernel, manager, model }: Facts): Life {
  if (!trusted) return 'untrusted';
  if (!placed || kernel === 'none') return 'alone';
  if (kernel === 'dead') return 'dead';
  if (!named || model === 'closed') return 'gone';
  if (model === 'live' || (kernel === 'alive' && manager === 'hidden')) return 'live';
  if (kernel === 'not yet' || model === 'coming') return 'pending';
  if (manager === 'none') return 'unbound';
  return manager === 'restored' ? 'gone' : 'pending';
}
