const DIGIT = /\p{Nd}/u;
/** White space that `int()` takes off both ends: `str.strip()`, which has U+001C–U+001F and no U+FEFF. */
const SPACE = '[\\t\\n\\v\\f\\r\\x1c-\\x1f \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]*';
const INT = new RegExp(`^${SPACE}([+-]?)(\\p{Nd}+(?:_\\p{Nd}+)*)${SPACE}$`, 'u');
/** `sys.get_int_max_str_digits()`: past it `int()` raises a ValueError, and so leaves the text alone here. */
const MAX_DIGITS = 4300;

/** `int(text)`; undefined where Python raises a ValueError. Surrounding space, a sign, single `_` and decimal digits of any script are fine. */
export function parsePythonInt(text: string): bigint | undefined {
  const [, sign, written] = INT.exec(text) ?? [];
  if (written === undefined) return undefined;
  const digits = [...written].filter((char) => char !== '_').map(digitValue);
  if (digits.length > MAX_DIGITS) return undefined;
  const value = BigInt(digits.join(''));
  return sign === '-' ? -value : value;
}

/** Decimal digits come in runs of ten, and where runs touch (mathematical digits) the next one begins at ten again. */
function digitValue(char: string): number {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x80) return code - 0x30;
  let zero = code;
  while (DIGIT.test(String.fromCodePoint(zero - 1))) zero--;
  return (code - zero) % 10;
}
