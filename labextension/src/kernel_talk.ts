/** Asking the kernel of a notebook, as one plugin offers it to others: the panel has the conversation. Knows no request. */
import type { NotebookPanel } from '@jupyterlab/notebook';
import { Token } from '@lumino/coreutils';

export interface KernelTalk {
  /** The kernel's answer; an error that says why it refuses, or that no lg_magics is there. */
  ask(notebook: NotebookPanel, command: string, given: object): Promise<unknown>;
}

export const KERNEL_TALK = new Token<KernelTalk>('lg-magics:KernelTalk');
