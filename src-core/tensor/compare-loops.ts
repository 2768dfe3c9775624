import { type CodeCounts, pickCounts } from './code-counts.ts';
import { BLOCK } from './compare-block.ts';

/** The loops of a comparison with vectors: `compare-loops.wat`, compiled (its first lines say how). */
const COMPILED =
  'AGFzbQEAAAABJgZgA39/fwF/YAN/f38AYAF7AXtgAn9/AXxgBH9/f30Bf2ABfwF/AwkIAAECAQMBBAUFAwEADQdTCAZtZW1vcnkCAAZkaWZmZXIAAAx3' +
  'aWRlbkJmbG9hdHMAAQt3aWRlbkhhbHZlcwADB3NxdWFyZXMABAdjb21wYXJlAAUFYWJvdmUABgR1c2VkAAcKxAgIMAADQCAA/QAEACAB/QAEAP1R/VME' +
  'QEEBDwsgAUEQaiEBIABBEGoiACACSQ0AC0EAC3oBAXsDQCAA/QAEACEDIAL9DAAAAAAAAAAAAAAAAAAAAAAgA/0NAAEQEQIDEhMEBRQVBgcWF/0LBAAg' +
  'Av0MAAAAAAAAAAAAAAAAAAAAACAD/Q0AARgZAgMaGwQFHB0GBx4f/QsEECACQSBqIQIgAEEQaiIAIAFJDQALC0gBAXsgAEH//wH9Ef1OIQEgAUEN/asB' +
  'QwAAgHf9E/3mASABQf/3Af0R/TtBgICA/Af9Ef1O/VAgAEH//wH9Ef1PQRD9qwH9UAs6AANAIAIgAP0ABAD9qQEQAv0LBAAgAiAA/QAEAP2qARAC/QsE' +
  'ECACQSBqIQIgAEEQaiIAIAFJDQALC1cBBHsDQCAA/V0DAP1fIQIgAP1dAwj9XyEDIAQgAiAC/fIB/fABIQQgBSADIAP98gH98AEhBSAAQRBqIgAgAUkN' +
  'AAsgBCAF/fABIQQgBP0hACAE/SEBoAvDBAIBfxR7QwAAgH/9EyEUQwAAgP/9EyEVA0AgAP0ABAAhBCAB/QAEACEFIBYgBCAF/Tf9sQEhFiAFIAT95QEh' +
  'BCAUIAT96gEhFCAVIAT96wEhFSAEQRD9rQFBAv2rASEEIAD9XQMA/V8hBiAB/V0DAP1fIQcgByAG/fEBIQggBiAH/fIBIQkgCiAI/ewB/fABIQogDCAI' +
  'IAj98gH98AEhDCAOIAYgBv3yAf3wASEOIA8gByAH/fIB/fABIQ8gECAJ/fABIRAgFyAJ/QwAAAAAAAAAAAAAAAAAAAAA/Un90QEhFyAA/V0DCP1fIQYg' +
  'Af1dAwj9XyEHIAcgBv3xASEIIAYgB/3yASEJIAsgCP3sAf3wASELIA0gCCAI/fIB/fABIQ0gESAGIAb98gH98AEhESASIAcgB/3yAf3wASESIBMgCf3w' +
  'ASETIBcgCf0MAAAAAAAAAAAAAAAAAAAAAP1J/dEBIRcgBP0bACEDIAMgAygCAEEBajYCACAE/RsBIQMgAyADKAKAgBBBAWo2AoCAECAE/RsCIQMgAyAD' +
  'KAIAQQFqNgIAIAT9GwMhAyADIAMoAoCAEEEBajYCgIAQIAFBEGohASAAQRBqIgAgAkkNAAtBACAKIAv98AH9CwSAgCBBACAMIA398AH9CwSQgCBBACAO' +
  'IBH98AH9CwSggCBBACAPIBL98AH9CwSwgCBBACAQIBP98AH9CwTAgCBBACAU/QsE0IAgQQAgFf0LBOCAIEEAIBb9CwTwgCBBACAX/QsEgIEgC0ABAXsg' +
  'A/0TIQQDQCAB/QAEACAA/QAEAP3lAf3gASAE/UT9UwRAIAAPCyABQRBqIQEgAEEQaiIAIAJJDQALQX8LNAADQCAAQYCAEE8EQEF/DwsgAP0ABAAgAP0A' +
  'BICAEP1Q/VMEQCAADwsgAEEQaiEADAALAAs=';

interface Exports {
  readonly memory: WebAssembly.Memory;
  differ(a: number, b: number, end: number): number;
  widenBfloats(from: number, end: number, to: number): void;
  widenHalves(from: number, end: number, to: number): void;
  squares(from: number, end: number): number;
  compare(a: number, b: number, end: number): void;
  above(a: number, b: number, end: number, limit: number): number;
  used(from: number): number;
}

/** Places in the memory, in bytes. */
const EVEN = 0;
const ODD = 0x40000;
const OUT = 0x80000;
const SINGLES = [0x82000, 0x84000] as const;
const PIECES = [0x90000, 0xb0000] as const;
/** Bytes of a piece of either side. */
const PIECE_BYTES = 2 ** 17;

type Bytes = Uint8Array<ArrayBuffer>;

/** Memory of its own, with the loops over it. They are given addresses, in bytes: a view of every block would cost as much as its sums. */
export class CompareLoops {
  readonly #exports: Exports;
  readonly #buffer: ArrayBuffer;
  /** Where pieces of either side lie. */
  readonly rooms: readonly [Bytes, Bytes];
  /** Where a block of either side is made f32. */
  readonly singles: readonly [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>];
  readonly even: Uint32Array<ArrayBuffer>;
  readonly odd: Uint32Array<ArrayBuffer>;
  readonly #doubles: Float64Array;
  readonly #extremes: Float32Array;
  readonly #counts: Int32Array;

  constructor(module: WebAssembly.Module) {
    this.#exports = new WebAssembly.Instance(module).exports as unknown as Exports;
    const buffer = this.#exports.memory.buffer as ArrayBuffer;
    this.#buffer = buffer;
    this.rooms = [new Uint8Array(buffer, PIECES[0], PIECE_BYTES), new Uint8Array(buffer, PIECES[1], PIECE_BYTES)];
    this.singles = [new Float32Array(buffer, SINGLES[0], BLOCK), new Float32Array(buffer, SINGLES[1], BLOCK)];
    this.even = new Uint32Array(buffer, EVEN, 65_536);
    this.odd = new Uint32Array(buffer, ODD, 65_536);
    this.#doubles = new Float64Array(buffer, OUT, 10);
    this.#extremes = new Float32Array(buffer, OUT + 80, 8);
    this.#counts = new Int32Array(buffer, OUT + 112, 8);
  }

  /** The same bytes in the room of a side: they are copied when they lie elsewhere. */
  place(side: 0 | 1, bytes: Bytes): Bytes {
    const room = this.rooms[side];
    if (bytes.buffer === room.buffer) return bytes;
    room.set(bytes);
    return room.subarray(0, bytes.length);
  }

  /** Whether any of `length` bytes differs; a multiple of 16. */
  differ(a: number, b: number, length: number): boolean {
    return this.#exports.differ(a, b, a + length) !== 0;
  }

  /** The address of `n` values as f32: good until the next of that side. */
  widen(type: 'f32' | 'bf16' | 'f16', side: 0 | 1, from: number, n: number): number {
    if (type === 'f32') return from;
    if (type === 'bf16') this.#exports.widenBfloats(from, from + 2 * n, SINGLES[side]);
    else this.#exports.widenHalves(from, from + 2 * n, SINGLES[side]);
    return SINGLES[side];
  }

  /** Of `n` f32, a multiple of four as below. */
  squares(from: number, n: number): number {
    return this.#exports.squares(from, from + 4 * n);
  }

  /** Counts and sums `n` pairs of f32. What was found is told by what follows, until the next time. */
  compare(a: number, b: number, n: number): void {
    this.#exports.compare(a, b, a + 4 * n);
  }

  /** Of |Δ|, of the squares of Δ, a and b, and of a × b. */
  sum(which: 0 | 1 | 2 | 3 | 4): number {
    return this.#doubles[2 * which]! + this.#doubles[2 * which + 1]!;
  }

  get min(): number {
    const e = this.#extremes;
    return Math.min(e[0]!, e[1]!, e[2]!, e[3]!);
  }

  get max(): number {
    const e = this.#extremes;
    return Math.max(e[4]!, e[5]!, e[6]!, e[7]!);
  }

  /** Pairs of the same bits. */
  get same(): number {
    const c = this.#counts;
    return c[0]! + c[1]! + c[2]! + c[3]!;
  }

  get flips(): number {
    return this.#counts[4]! + this.#counts[6]!;
  }

  /** Every place, in order, whose difference is above a limit that may rise meanwhile. */
  eachAbove(a: number, b: number, n: number, limit: () => number, take: (i: number) => void): void {
    for (let i = 0; i < n; ) {
      const vector = this.#exports.above(a + 4 * i, b + 4 * i, a + 4 * n, limit());
      if (vector < 0) return;
      const first = (vector - a) / 4;
      for (i = first; i < first + 4; i++) take(i);
    }
  }

  /** `n` f32 at an address. */
  viewSingles(from: number, n: number): Float32Array<ArrayBuffer> {
    return new Float32Array(this.#buffer, from, n);
  }

  /** What was counted. The odd table is added to the even one, and both are cleared. */
  collectCounts(): CodeCounts {
    const { used } = this.#exports;
    let n = 0;
    for (let at = used(EVEN); at >= 0; at = used(at + 16)) {
      for (let code = at / 4; code < at / 4 + 4; code++) {
        this.even[code]! += this.odd[code]!;
        if (this.even[code] !== 0) codes[n++] = code;
      }
    }
    const found = pickCounts(this.even, codes.slice(0, n));
    // Tables are half a megabyte: of a small tensor most of it is clear.
    for (const table of [this.even, this.odd]) {
      if (found.codes) for (const code of found.codes) table[code] = 0;
      else table.fill(0);
    }
    return found;
  }
}

/** Codes that occur, while they are listed. */
const codes = new Uint16Array(65_536);

let compiled: WebAssembly.Module | undefined;
const spare: CompareLoops[] = [];
const SPARES = 4;

/** Loops with cleared tables; undefined where WebAssembly is not to be had (a page may forbid it). */
export function takeCompareLoops(): CompareLoops | undefined {
  try {
    compiled ??= new WebAssembly.Module(Uint8Array.from(atob(COMPILED), (char) => char.charCodeAt(0)));
    return spare.pop() ?? new CompareLoops(compiled);
  } catch {
    return undefined;
  }
}

/** Its memory is almost a megabyte: it is used again, once its counts are collected. */
export function giveBackLoops(loops: CompareLoops): void {
  if (spare.length < SPARES) spare.push(loops);
}
