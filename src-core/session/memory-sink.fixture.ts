import type { Sink } from './ports.ts';

/** Takes bytes by place, as a file does, and insists on what the contract of a sink promises. */
export function memorySink(): Sink & { readonly bytes: () => Uint8Array<ArrayBuffer> } {
  let held = new Uint8Array();
  return {
    async write(at, bytes) {
      const grown = new Uint8Array(Math.max(held.length, at + bytes.length));
      grown.set(held);
      grown.set(bytes, at);
      held = grown;
      bytes.fill(0xee);
    },
    bytes: () => held,
  };
}
