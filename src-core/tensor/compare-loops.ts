import { type CodeCounts, pickCounts } from './code-counts.ts';
import { BLOCK } from './compare-block.ts';
import type { PairSums } from './compare-partial.ts';

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

/** Of a block, as the loop leaves them. */
export interface PairLoopSums extends PairSums {
  readonly min: number;
  readonly max: number;
  readonly same: number;
  readonly flips: number;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Memory of its own, with the loops over it: what they are given lies in `rooms` or `singles`. */
export class CompareLoops {
  readonly #exports: Exports;
  readonly rooms: readonly [Bytes, Bytes];
  /** A block of either side. */
  readonly singles: readonly [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>];
  readonly even: Uint32Array<ArrayBuffer>;
  readonly odd: Uint32Array<ArrayBuffer>;
  readonly #doubles: Float64Array;
  readonly #extremes: Float32Array;
  readonly #same: Int32Array;
  readonly #flips: Int32Array;

  constructor(module: WebAssembly.Module) {
    this.#exports = new WebAssembly.Instance(module).exports as unknown as Exports;
    const buffer = this.#exports.memory.buffer as ArrayBuffer;
    this.rooms = [new Uint8Array(buffer, PIECES[0], PIECE_BYTES), new Uint8Array(buffer, PIECES[1], PIECE_BYTES)];
    this.singles = [new Float32Array(buffer, SINGLES[0], BLOCK), new Float32Array(buffer, SINGLES[1], BLOCK)];
    this.even = new Uint32Array(buffer, EVEN, 65_536);
    this.odd = new Uint32Array(buffer, ODD, 65_536);
    this.#doubles = new Float64Array(buffer, OUT, 10);
    this.#extremes = new Float32Array(buffer, OUT + 80, 8);
    this.#same = new Int32Array(buffer, OUT + 112, 4);
    this.#flips = new Int32Array(buffer, OUT + 128, 4);
  }

  /** The same bytes where the loops can see them: a block that lies elsewhere is copied. */
  place(a: Bytes, b: Bytes): readonly [Bytes, Bytes] {
    return [this.#place(0, a), this.#place(1, b)];
  }

  #place(side: 0 | 1, bytes: Bytes): Bytes {
    const room = this.rooms[side];
    if (bytes.buffer === room.buffer) return bytes;
    room.set(bytes);
    return room.subarray(0, bytes.length);
  }

  /** Whether any byte differs; of whole vectors. */
  differ(a: Bytes, b: Bytes): boolean {
    return this.#exports.differ(a.byteOffset, b.byteOffset, a.byteOffset + a.length) !== 0;
  }

  /** `n` values as f32. They are good until the next of that side. */
  widen(type: 'f32' | 'bf16' | 'f16', side: 0 | 1, bytes: Bytes, n: number): Float32Array {
    const from = bytes.byteOffset;
    if (type === 'f32') return new Float32Array(bytes.buffer, from, n);
    if (type === 'bf16') this.#exports.widenBfloats(from, from + 2 * n, SINGLES[side]);
    else this.#exports.widenHalves(from, from + 2 * n, SINGLES[side]);
    return this.singles[side].subarray(0, n);
  }

  squares({ byteOffset, byteLength }: Float32Array): number {
    return this.#exports.squares(byteOffset, byteOffset + byteLength);
  }

  /** Counts and sums pairs of f32; whole vectors. */
  compare(a: Float32Array, b: Float32Array): PairLoopSums {
    this.#exports.compare(a.byteOffset, b.byteOffset, a.byteOffset + a.byteLength);
    const [d, e] = [this.#doubles, this.#extremes];
    return {
      abs: d[0]! + d[1]!,
      squares: d[2]! + d[3]!,
      a: d[4]! + d[5]!,
      b: d[6]! + d[7]!,
      dot: d[8]! + d[9]!,
      min: Math.min(e[0]!, e[1]!, e[2]!, e[3]!),
      max: Math.max(e[4]!, e[5]!, e[6]!, e[7]!),
      same: this.#same[0]! + this.#same[1]! + this.#same[2]! + this.#same[3]!,
      flips: this.#flips[0]! + this.#flips[2]!,
    };
  }

  /** Every place, in order, whose difference is above a limit that may rise meanwhile. */
  eachAbove(a: Float32Array, b: Float32Array, limit: () => number, take: (i: number) => void): void {
    const end = a.byteOffset + a.byteLength;
    for (let at = a.byteOffset; at < end; ) {
      const vector = this.#exports.above(at, b.byteOffset + at - a.byteOffset, end, limit());
      if (vector < 0) return;
      const first = (vector - a.byteOffset) / 4;
      for (let i = first; i < first + 4; i++) take(i);
      at = vector + 16;
    }
  }

  /** What was counted. The odd table is added to the even one. */
  collectCounts(): CodeCounts {
    const { used } = this.#exports;
    const codes = new Uint16Array(this.even.length);
    let n = 0;
    for (let at = used(EVEN); at >= 0; at = used(at + 16)) {
      for (let code = at / 4; code < at / 4 + 4; code++) {
        this.even[code]! += this.odd[code]!;
        if (this.even[code] !== 0) codes[n++] = code;
      }
    }
    return pickCounts(this.even, codes.slice(0, n));
  }
}

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

/** Its memory is almost a megabyte: it is cleared and used again. */
export function giveBackLoops(loops: CompareLoops): void {
  loops.even.fill(0);
  loops.odd.fill(0);
  if (spare.length < SPARES) spare.push(loops);
}
