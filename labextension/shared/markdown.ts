/** A parsed answer becomes wanted elements, by whitelist. Knows the tree's shape; never reads Markdown or HTML. */
import type { Node } from './card';
import { h, type Maybe } from './dom';

const TAGS = new Set(
  'p h1 h2 h3 h4 h5 h6 ul ol li blockquote pre code strong em s br hr table thead tbody tr th td'.split(' ')
);
const LINK = /^(https?:\/\/|mailto:)/i;
const DEEPEST = 100;

/** The elements of an answer. A tag or a link that is not on the list gives its text alone. */
export function markdown(nodes: unknown[], depth = 0): Maybe[] {
  return depth > DEEPEST ? [] : nodes.map((node) => drawn(node as Node, depth));
}

function drawn(node: Node, depth: number): Maybe {
  if (typeof node === 'string') return node;
  if (!Array.isArray(node)) return null;
  const [tag, ...rest] = node;
  const href = String((rest[0] as { href?: unknown } | undefined)?.href ?? '');
  const children = markdown(
    rest.filter((child) => typeof child === 'string' || Array.isArray(child)),
    depth + 1
  );
  if (TAGS.has(tag)) return h(tag, tag === 'pre' ? { tabindex: 0 } : {}, ...children);
  if (tag === 'a' && LINK.test(href))
    return h('a', { href, target: '_blank', rel: 'noopener noreferrer' }, ...children);
  return children;
}
