/** A node of a parsed template. Its fields are those of its type; nodes are found by walking them. */
export interface Syntax {
  readonly type: string;
  readonly [field: string]: unknown;
}

export const isSyntax = (value: unknown): value is Syntax =>
  typeof value === 'object' && value !== null && typeof (value as { type?: unknown }).type === 'string';

export const nodeOf = (node: Syntax, field: string): Syntax | undefined => {
  const child = node[field];
  return isSyntax(child) ? child : undefined;
};

export const nodesOf = (node: Syntax, field: string): readonly Syntax[] => {
  const children = node[field];
  return Array.isArray(children) ? children.filter(isSyntax) : [];
};

/** What a name stands for; undefined for anything but a name. */
export const nameOf = (node: Syntax | undefined): string | undefined =>
  node?.type === 'Identifier' ? (node.value as string) : undefined;
