/**
 * What a widget hears, and whether a kernel hears it. Knows of ipywidgets' own models the one thing that is needed; draws nothing.
 *
 * anywidget shows traits and messages of its model and no more. But the layout of a widget is a model of ipywidgets itself, of
 * the same kernel: it has `comm_live`. On a page that was exported that is false from the beginning; where a kernel
 * goes it becomes false. Pages with models of another kind do not have it: there somebody is taken to hear.
 */
import type { AnyModel } from '@anywidget/types';

type Model = Pick<AnyModel, 'get' | 'on' | 'off'>;
export type Layout = (Pick<Model, 'on' | 'off'> & { comm_live?: unknown }) | undefined;

/** Said of a view that had more to tell or to do. */
export const NO_KERNEL = 'Its kernel is not here. This is the last that was seen.';

const layoutOf = (model: Model) => model.get('layout') as Layout;

/** Whether a kernel hears what is sent. */
export const isHeard = (model: Model) => layoutOf(model)?.comm_live !== false;
