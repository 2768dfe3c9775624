import { plainNode } from './idioms.ts';
import { itemsOf, type PickleNode } from './nodes.ts';
import { globalName } from './python-names.ts';

const MAX_DEPTH = 8;
const MAX_CHARS = 400;

/**
 * A node as Python would write it, `module.Class(args)` for calls: cut with `…` at `maxChars` and at a fixed depth, so that
 * shared and circular nodes cost no more than their text.
 */
export function showNode(root: PickleNode, maxChars = MAX_CHARS): string {
  const out: string[] = [];
  let left = maxChars;
  const put = (text: string): boolean => {
    if (left <= 0) return false;
    out.push(text.length > left ? `${text.slice(0, left)}…` : text);
    left -= text.length;
    return left > 0;
  };
  const list = (items: readonly PickleNode[], depth: number): boolean =>
    items.every((item, i) => (i === 0 || put(', ')) && show(item, depth));
  const pairs = (
    keys: readonly PickleNode[],
    values: readonly PickleNode[],
    depth: number,
    asArguments: boolean,
  ): boolean =>
    keys.every((key, i) => {
      const isName = asArguments && key.kind === 'str' && /^[A-Za-z_]\w*$/.test(key.value);
      return (
        (i === 0 || put(', ')) &&
        (isName ? put(`${key.value}=`) : show(key, depth) && put(': ')) &&
        show(values[i]!, depth)
      );
    });

  function show(found: PickleNode, depth: number): boolean {
    if (depth > MAX_DEPTH) return put('…');
    const node = plainNode(found, left);
    switch (node.kind) {
      case 'none':
        return put('None');
      case 'bool':
        return put(node.value ? 'True' : 'False');
      case 'int':
        return put(String(node.value));
      case 'long':
        return put(node.digits);
      case 'float':
        return put(showFloat(node.value));
      case 'str':
        return put(showString(node.value, left));
      case 'bytes':
        return put(showBytes(node.value, left));
      case 'bytearray':
        return put(`bytearray(${showBytes(node.value, left)})`);
      case 'tuple':
        return put('(') && list(node.items, depth + 1) && put(node.items.length === 1 ? ',)' : ')');
      case 'list':
        return put('[') && list(node.items, depth + 1) && put(']');
      case 'dict':
        return put('{') && pairs(node.keys, node.values, depth + 1, false) && put('}');
      case 'set':
        return node.items.length === 0 ? put('set()') : put('{') && list(node.items, depth + 1) && put('}');
      case 'frozenset':
        return put('frozenset({') && list(node.items, depth + 1) && put('})');
      case 'global':
        return put(globalName(node.module, node.name));
      case 'persistent':
        return put('persistent(') && show(node.id, depth + 1) && put(')');
      case 'extension':
        return put(`extension(${node.code})`);
      case 'buffer':
        return put(`buffer(${node.position})`);
      case 'reduce':
      case 'newobj': {
        if (!show(node.fn, depth + 1) || !put('(')) return false;
        const args = itemsOf(node.args) ?? [node.args];
        let fine = list(args, depth + 1);
        let count = args.length;
        const comma = () => (count++ > 0 ? put(', ') : true);
        if (fine && node.listItems) fine = comma() && put('[') && list(node.listItems, depth + 1) && put(']');
        if (fine && node.dictKeys)
          fine = comma() && put('{') && pairs(node.dictKeys, node.dictValues ?? [], depth + 1, false) && put('}');
        for (const state of node.states ?? []) {
          if (!fine) break;
          fine =
            comma() &&
            (state.kind === 'dict' ? pairs(state.keys, state.values, depth + 1, true) : show(state, depth + 1));
        }
        return fine && put(')');
      }
    }
  }

  show(root, 0);
  return out.join('');
}

export function showFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  // Python writes 1e+16 as 1e+16 and 1e-05, JavaScript has neither the digits nor the point.
  const text = String(value);
  if (Number.isInteger(value))
    return Math.abs(value) < 1e16 ? `${text}.0` : value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  return Math.abs(value) < 1e-4 ? value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2') : text;
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function showString(value: string, maxChars: number): string {
  const shown = value.slice(0, maxChars);
  const quote = shown.includes("'") && !shown.includes('"') ? '"' : "'";
  const text = shown
    .replace(/[\\\n\r\t]/g, (char) => ESCAPES[char] ?? '\\\\')
    .replace(/[\x00-\x1f\x7f]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return quote + (quote === "'" ? text.replaceAll("'", "\\'") : text) + quote;
}

function showBytes(bytes: Uint8Array, maxChars: number): string {
  const shown = bytes.subarray(0, maxChars);
  const quote = shown.includes(0x27) && !shown.includes(0x22) ? '"' : "'";
  let text = '';
  for (const byte of shown) {
    const char = String.fromCharCode(byte);
    if (byte === 0x5c || char === quote) text += `\\${char}`;
    else if (byte >= 0x20 && byte < 0x7f) text += char;
    else text += ESCAPES[char] ?? `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return `b${quote}${text}${quote}`;
}
