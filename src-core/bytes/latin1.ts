/** Each byte as the character of its number. `TextDecoder('latin1')` is windows-1252 in browsers: there 0x93 is a quotation mark. */
export function latin1(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return text;
}
