/** How single tokens are shown: the text they stand for, where they are text by themselves. */

/** Byte-level vocabularies write each byte as a character that can be seen: 0x20 is Ġ. */
const BYTE_OF = byteCharacters();

/** `bytes`: each character stands for a byte. `pieces`: ▁ stands for a space. `plain`: as it is. */
export type TokenSpelling = 'bytes' | 'pieces' | 'plain';

/** How a parsed `tokenizer.json` spells its tokens, by what turns them back into text. */
export function spellingOf(decoder: unknown): TokenSpelling {
  const text = JSON.stringify(decoder ?? null);
  if (text.includes('"ByteLevel"')) return 'bytes';
  return text.includes('"Metaspace"') || text.includes('"▁"') ? 'pieces' : 'plain';
}

export function nameToken(token: string, spelling: TokenSpelling): string {
  if (spelling === 'pieces') return token.replaceAll('▁', ' ');
  if (spelling === 'plain') return token;
  const bytes: number[] = [];
  for (const character of token) {
    const byte = BYTE_OF.get(character);
    if (byte === undefined) return token;
    bytes.push(byte);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    return bytes.map((byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`).join('');
  }
}

/** The table of GPT-2: bytes that can be seen are themselves, the others follow from U+0100 on. */
function byteCharacters(): ReadonlyMap<string, number> {
  const isSeen = (byte: number) =>
    (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || (byte >= 0xae && byte <= 0xff);
  let next = 0x100;
  return new Map(
    Array.from({ length: 256 }, (_, byte) => [String.fromCharCode(isSeen(byte) ? byte : next++), byte] as const),
  );
}
