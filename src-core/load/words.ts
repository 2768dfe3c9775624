import type { PathPart } from '../model/keys/key.ts';
import { writePythonString } from '../model/keys/python-text.ts';
import type { Outline, OutlineDim, OutlineValue } from './outline.ts';

/** A shape as this program writes it; `?` is a dimension that may be anything. */
export const showShape = (shape: readonly OutlineDim[]): string => `[${shape.join(', ')}]`;

/** `(3, 2)`, `(3,)`, `()`. */
export const showTuple = (items: readonly (string | number)[]): string =>
  items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`;

export const showPath = (parts: readonly PathPart[]): string =>
  showTuple(parts.map((part) => (typeof part === 'number' ? part : writePythonString(part))));

/** `['a', 'b']` */
export const showTexts = (texts: readonly string[]): string => `[${texts.map(writePythonString).join(', ')}]`;

export const quoteAll = (texts: readonly string[]): string => texts.map((text) => `"${text}"`).join(', ');

/** The class that Python has for it. */
export const typeOf = (value: OutlineValue): string => (value.kind === 'tensor' ? 'Tensor' : value.type);

/** `<class 'list'>`. Classes of the language itself have no module in front. */
export const showClass = (type: string): string => `<class '${type}'>`;

export const keysOf = ({ entries }: Outline): ReadonlySet<string> => new Set(entries.map(({ key }) => key));
