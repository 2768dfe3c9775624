/** The browser has begun to read a Blob long before; how long it may take to ask a person for a place is nobody's to say. */
const KEEP_MS = 10 * 60_000;

/** Hands a file to the browser, which saves it where it saves downloads. */
export function saveFile(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), KEEP_MS);
}
