import { type CodeCounts, pickCounts } from './code-counts.ts';

/**
 * The two loops most bytes go through, which plain JavaScript runs at a third of the rate, and three searches:
 * `hot-loops.wat`, compiled (its first lines say how).
 * WebAssembly with vectors is in every browser since 2023 and in every Node that runs this.
 */
const COMPILED =
  'AGFzbQEAAAABHgVgAn9/AGADf39/AGADf39/AX9gAX8Bf2ADf398AAMGBQABAgMEBQMBAAsHLwYGbWVtb3J5AgAFY291bnQAAAZmaW5pdGUAAQRmaW' +
  '5kAAIEdXNlZAADA3N1bQAECqwHBcUCAgF/BXsgAP0ABAAhBCAEIQUgBCEGIAQhBwNAIAD9AAQAIQMgBCAD/ZYBIQQgBSAD/ZgBIQUgBiAD/ZcBIQYg' +
  'ByAD/ZkBIQcgAC8BAEECdCECIAIgAigCAEEBajYCACAALwECQQJ0IQIgAiACKAKAgBBBAWo2AoCAECAALwEEQQJ0IQIgAiACKAIAQQFqNgIAIAAvAQ' +
  'ZBAnQhAiACIAIoAoCAEEEBajYCgIAQIAAvAQhBAnQhAiACIAIoAgBBAWo2AgAgAC8BCkECdCECIAIgAigCgIAQQQFqNgKAgBAgAC8BDEECdCECIAIg' +
  'AigCAEEBajYCACAALwEOQQJ0IQIgAiACKAKAgBBBAWo2AoCAECAAQRBqIgAgAUkNAAtBACAE/QsEgIAgQQAgBf0LBJCAIEEAIAb9CwSggCBBACAH/Q' +
  'sEsIAgC4gBAQd7IAL9ECEFQYCAAv0QIQZB//8B/RAhByAHIQggBiEJA0AgAP0ABAAhAyADIAf9TiAF/S8hBCADIANBD/2MASAH/U79USEDIAggAyAH' +
  'IAT9Uv2WASEIIAkgAyAGIAT9Uv2YASEJIABBEGoiACABSQ0AC0EAIAj9CwSAgCBBACAJ/QsEkIAgCy0BAXsgAv0QIQMDQCAA/QAEACAD/S39UwRAIA' +
  'APCyAAQRBqIgAgAUkNAAtBfws0AANAIABBgIAQTwRAQX8PCyAA/QAEACAA/QAEgIAQ/VD9UwRAIAAPCyAAQRBqIQAMAAsAC/UCAgF/DXsgAv0UIQcg' +
  'AP0ABAAhDiAOIQ8DQCAA/QAEACEEIA4gBP3qASEOIA8gBP3rASEPIBAgBP0MAAAAAAAAAAAAAAAAAAAAAP1B/bEBIRAgBP1fIQUgAP1dAwj9XyEGIA' +
  'wgBf3sAf3wASEMIA0gBv3sAf3wASENIAUgB/3xASEFIAYgB/3xASEGIAggBf3wASEIIAkgBv3wASEJIAogBSAF/fIB/fABIQogCyAGIAb98gH98AEh' +
  'CyAALwECQQJ0IQMgAyADKAIAQQFqNgIAIAAvAQZBAnQhAyADIAMoAoCAEEEBajYCgIAQIAAvAQpBAnQhAyADIAMoAgBBAWo2AgAgAC8BDkECdCEDIA' +
  'MgAygCgIAQQQFqNgKAgBAgAEEQaiIAIAFJDQALQQAgCCAJ/fAB/QsEgIAgQQAgCiAL/fAB/QsEkIAgQQAgDCAN/fAB/QsEoIAgQQAgDv0LBLCAIEEA' +
  'IA/9CwTAgCBBACAQ/QsE0IAgCw==';

interface Exports {
  readonly memory: WebAssembly.Memory;
  count(start: number, end: number): void;
  finite(start: number, end: number, special: number): void;
  find(start: number, end: number, code: number): number;
  used(from: number): number;
  sum(start: number, end: number, shift: number): void;
}

/** Places in the memory, in bytes. */
const EVEN = 0;
const ODD = 0x40000;
const OUT = 0x80000;
const PIECE = 0x90000;
/** Bytes of a piece: with the hot parts of the tables it fits the second cache twice, for two threads of one core. */
const PIECE_BYTES = 2 ** 17;

/** Extreme 16-bit codes, as integers of both kinds. */
export interface CodeRange {
  readonly minSigned: number;
  readonly maxSigned: number;
  readonly minUnsigned: number;
  readonly maxUnsigned: number;
}

/** Sums of one block, as the loop leaves them. */
export interface BlockSums {
  readonly sum: number;
  readonly squares: number;
  readonly l1: number;
  readonly min: number;
  readonly max: number;
  readonly zeros: number;
}

/** Memory of its own, with the loops over it. */
export class HotLoops {
  readonly #exports: Exports;
  /** What the loops go over. Bytes that are read straight into it are not copied. */
  readonly piece: Uint8Array<ArrayBuffer>;
  readonly even: Uint32Array<ArrayBuffer>;
  readonly odd: Uint32Array<ArrayBuffer>;
  readonly #codes: Uint16Array;
  readonly #doubles: Float64Array;
  readonly #singles: Float32Array;
  readonly #counts: Int32Array;
  readonly #signed: Int16Array;
  readonly #unsigned: Uint16Array;

  constructor(module: WebAssembly.Module) {
    this.#exports = new WebAssembly.Instance(module).exports as unknown as Exports;
    const buffer = this.#exports.memory.buffer as ArrayBuffer;
    this.piece = new Uint8Array(buffer, PIECE, PIECE_BYTES);
    this.even = new Uint32Array(buffer, EVEN, 65_536);
    this.odd = new Uint32Array(buffer, ODD, 65_536);
    this.#codes = new Uint16Array(buffer, PIECE, PIECE_BYTES / 2);
    this.#doubles = new Float64Array(buffer, OUT, 6);
    this.#singles = new Float32Array(buffer, OUT + 48, 8);
    this.#counts = new Int32Array(buffer, OUT + 80, 4);
    this.#signed = new Int16Array(buffer, OUT, 16);
    this.#unsigned = new Uint16Array(buffer, OUT + 32, 16);
  }

  /** Gives each piece of the bytes, as what lies in `piece`: bytes that are there already stay, others are copied. */
  eachPiece(bytes: Uint8Array<ArrayBuffer>, take: (piece: Uint8Array<ArrayBuffer>) => void): void {
    if (bytes.buffer === this.piece.buffer) {
      take(bytes);
      return;
    }
    for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
      const part = bytes.subarray(from, from + PIECE_BYTES);
      this.piece.set(part);
      take(this.piece.subarray(0, part.length));
    }
  }

  /** Counts the first `n` codes of 16 bits; `n` is a multiple of eight and not zero. */
  count(n: number): CodeRange {
    this.#exports.count(PIECE, PIECE + 2 * n);
    const [minSigned, maxSigned] = rangeOf(this.#signed);
    const [minUnsigned, maxUnsigned] = rangeOf(this.#unsigned);
    return { minSigned, maxSigned, minUnsigned, maxUnsigned };
  }

  /** Codes of the smallest and largest of `n` floats of 16 bits below a magnitude; undefined when there are none. */
  findFinite(n: number, special: number): readonly [number, number] | undefined {
    this.#exports.finite(PIECE, PIECE + 2 * n, special);
    const [min, max] = rangeOf(this.#signed);
    const codeOf = (key: number) => (key < 0 ? key ^ 0x7fff : key) & 0xffff;
    return min > max ? undefined : [codeOf(min), codeOf(max)];
  }

  /** Place of the first of `n` codes that is this one, `n` when there is none; `n` as for `count`. */
  find(code: number, n: number): number {
    const vector = this.#exports.find(PIECE, PIECE + 2 * n, code);
    return vector < 0 ? n : this.#codes.indexOf(code, (vector - PIECE) / 2);
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

  /** Sums f32 [from, to) of the piece; `to - from` is a multiple of four and not zero. */
  sum(from: number, to: number, shift: number): BlockSums {
    this.#exports.sum(PIECE + 4 * from, PIECE + 4 * to, shift);
    const [d, s, c] = [this.#doubles, this.#singles, this.#counts];
    return {
      sum: d[0]! + d[1]!,
      squares: d[2]! + d[3]!,
      l1: d[4]! + d[5]!,
      min: Math.min(s[0]!, s[1]!, s[2]!, s[3]!),
      max: Math.max(s[4]!, s[5]!, s[6]!, s[7]!),
      zeros: c[0]! + c[1]! + c[2]! + c[3]!,
    };
  }
}

/** The smallest of the first eight lanes, and the largest of the others. */
function rangeOf(lanes: Int16Array | Uint16Array): readonly [number, number] {
  let [min, max] = [lanes[0]!, lanes[8]!];
  for (let lane = 1; lane < 8; lane++) {
    min = Math.min(min, lanes[lane]!);
    max = Math.max(max, lanes[8 + lane]!);
  }
  return [min, max];
}

let compiled: WebAssembly.Module | undefined;
const spare: HotLoops[] = [];
const SPARES = 4;

/** Loops with cleared tables; undefined where WebAssembly is not to be had (a page may forbid it). */
export function takeLoops(): HotLoops | undefined {
  try {
    compiled ??= new WebAssembly.Module(Uint8Array.from(atob(COMPILED), (char) => char.charCodeAt(0)));
    return spare.pop() ?? new HotLoops(compiled);
  } catch {
    return undefined;
  }
}

/** Its memory is almost a megabyte: it is cleared and used again. */
export function giveBack(loops: HotLoops): void {
  loops.even.fill(0);
  loops.odd.fill(0);
  if (spare.length < SPARES) spare.push(loops);
}
