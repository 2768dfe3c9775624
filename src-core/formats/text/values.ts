import type { Value } from '../../model/state-dict.ts';
import { valueOfJson } from '../../model/value-of-json.ts';
import { type TextNode, toJson } from './tree.ts';

/** The value of a node as one leaf. */
export const toValue = (node: TextNode, flavour?: string): Value => valueOfJson(toJson(node), flavour);
