import { itemsOf, type PickleNode, textOf } from './nodes.ts';

const LATIN1 = /^(latin[-_]?1|iso[-_]?8859[-_]?1)$/i;

/**
 * How older protocols write what newer ones have opcodes for: `_codecs.encode(text, 'latin1')` is bytes, `builtins.set([…])`
 * a set. The plain node where there is one, else the node itself. Python would call these functions to the same end.
 * `maxBytes` is how much of a byte string the caller looks at.
 */
export function plainNode(node: PickleNode, maxBytes = Number.POSITIVE_INFINITY): PickleNode {
  if (node.kind !== 'reduce' || node.fn.kind !== 'global') return node;
  const { module, name } = node.fn;
  const args = itemsOf(node.args) ?? [];
  if (module === '_codecs' && name === 'encode') {
    const bytes = encodeLatin1(args, maxBytes);
    return bytes ? { kind: 'bytes', value: bytes, at: -1 } : node;
  }
  if (module !== 'builtins' && module !== '__builtin__') return node;
  switch (name) {
    case 'bytes':
      return args.length === 0 ? { kind: 'bytes', value: new Uint8Array(0), at: -1 } : node;
    case 'bytearray': {
      if (args.length === 0) return { kind: 'bytearray', value: new Uint8Array(0), at: -1 };
      const inner = args.length === 1 ? plainNode(args[0]!, maxBytes) : undefined;
      const bytes = inner?.kind === 'bytes' ? inner.value : encodeLatin1(args, maxBytes);
      return bytes ? { kind: 'bytearray', value: bytes, at: -1 } : node;
    }
    case 'set':
    case 'frozenset': {
      const items = args.length === 0 ? [] : itemsOf(args[0]);
      return items ? { kind: name, items: items as PickleNode[], depth: node.depth } : node;
    }
    default:
      return node;
  }
}

function encodeLatin1(args: readonly PickleNode[], maxBytes: number): Uint8Array<ArrayBuffer> | undefined {
  const text = textOf(args[0])?.slice(0, maxBytes);
  if (text === undefined || !LATIN1.test(textOf(args[1]) ?? '')) return undefined;
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) return undefined;
    bytes[i] = code;
  }
  return bytes;
}
