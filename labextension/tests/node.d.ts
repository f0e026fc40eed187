/** The one thing of node that the tests use: they ask Python for the trees that it makes. */
declare module 'node:child_process' {
  export function execFileSync(file: string, args: readonly string[], options: object): string;
}
