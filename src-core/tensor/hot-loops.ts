import { type CodeCounts, pickCounts } from './code-counts.ts';

/**
 * The loops most bytes go through, which plain JavaScript runs at a third of the rate, and searches:
 * `hot-loops.wat`, compiled (its first lines say how).
 * WebAssembly with vectors is in every browser since 2023 and in every Node that runs this.
 */
const COMPILED =
  'AGFzbQEAAAABJAZgAn9/AGADf39/AGADf39/AX9gAX8Bf2ADf398AGADf399AAMHBgABAgMEBQUDAQALBzsHBm1lbW9yeQIABWNvdW50AAAGZmluaX' +
  'RlAAEEZmluZAACBHVzZWQAAwNzdW0ABAlzdW1GaW5pdGUABQr1CgbFAgIBfwV7IAD9AAQAIQQgBCEFIAQhBiAEIQcDQCAA/QAEACEDIAQgA/2WASEE' +
  'IAUgA/2YASEFIAYgA/2XASEGIAcgA/2ZASEHIAAvAQBBAnQhAiACIAIoAgBBAWo2AgAgAC8BAkECdCECIAIgAigCgIAQQQFqNgKAgBAgAC8BBEECdC' +
  'ECIAIgAigCAEEBajYCACAALwEGQQJ0IQIgAiACKAKAgBBBAWo2AoCAECAALwEIQQJ0IQIgAiACKAIAQQFqNgIAIAAvAQpBAnQhAiACIAIoAoCAEEEB' +
  'ajYCgIAQIAAvAQxBAnQhAiACIAIoAgBBAWo2AgAgAC8BDkECdCECIAIgAigCgIAQQQFqNgKAgBAgAEEQaiIAIAFJDQALQQAgBP0LBICAIEEAIAX9Cw' +
  'SQgCBBACAG/QsEoIAgQQAgB/0LBLCAIAuIAQEHeyAC/RAhBUGAgAL9ECEGQf//Af0QIQcgByEIIAYhCQNAIAD9AAQAIQMgAyAH/U4gBf0vIQQgAyAD' +
  'QQ/9jAEgB/1O/VEhAyAIIAMgByAE/VL9lgEhCCAJIAMgBiAE/VL9mAEhCSAAQRBqIgAgAUkNAAtBACAI/QsEgIAgQQAgCf0LBJCAIAstAQF7IAL9EC' +
  'EDA0AgAP0ABAAgA/0t/VMEQCAADwsgAEEQaiIAIAFJDQALQX8LNAADQCAAQYCAEE8EQEF/DwsgAP0ABAAgAP0ABICAEP1Q/VMEQCAADwsgAEEQaiEA' +
  'DAALAAv1AgIBfw17IAL9FCEHIAD9AAQAIQ4gDiEPA0AgAP0ABAAhBCAOIAT96gEhDiAPIAT96wEhDyAQIAT9DAAAAAAAAAAAAAAAAAAAAAD9Qf2xAS' +
  'EQIAT9XyEFIAD9XQMI/V8hBiAMIAX97AH98AEhDCANIAb97AH98AEhDSAFIAf98QEhBSAGIAf98QEhBiAIIAX98AEhCCAJIAb98AEhCSAKIAUgBf3y' +
  'Af3wASEKIAsgBiAG/fIB/fABIQsgAC8BAkECdCEDIAMgAygCAEEBajYCACAALwEGQQJ0IQMgAyADKAKAgBBBAWo2AoCAECAALwEKQQJ0IQMgAyADKA' +
  'IAQQFqNgIAIAAvAQ5BAnQhAyADIAMoAoCAEEEBajYCgIAQIABBEGoiACABSQ0AC0EAIAggCf3wAf0LBICAIEEAIAogC/3wAf0LBJCAIEEAIAwgDf3w' +
  'Af0LBKCAIEEAIA79CwSwgCBBACAP/QsEwIAgQQAgEP0LBNCAIAvHAwETeyAC/RMhCCACu/0UIQlDAACAf/0TIRBDAACA//0TIREDQCAA/QAEACEDIA' +
  'MgA/3lAf0MAAAAAAAAAAAAAAAAAAAAAP1BIQQgEyAE/bEBIRMgFCADIAP9Qv2xASEUIBUgA0MAAIB//RP9Qf2xASEVIBIgA/0MAAAAAAAAAAAAAAAA' +
  'AAAAAP1B/bEBIRIgECADQwAAgH/9EyAE/VL96gEhECARIANDAACA//0TIAT9Uv3rASERIAMgBP1OIQUgDiAF/V/97AH98AEhDiAPIAUgBf0NCAkKCw' +
  'wNDg8ICQoLDA0OD/1f/ewB/fABIQ8gAyAIIAT9UiEFIAX9XyAJ/fEBIQYgBSAF/Q0ICQoLDA0ODwgJCgsMDQ4P/V8gCf3xASEHIAogBv3wASEKIAsg' +
  'B/3wASELIAwgBiAG/fIB/fABIQwgDSAHIAf98gH98AEhDSAAQRBqIgAgAUkNAAtBACAKIAv98AH9CwSAgCBBACAMIA398AH9CwSQgCBBACAOIA/98A' +
  'H9CwSggCBBACAQ/QsEsIAgQQAgEf0LBMCAIEEAIBL9CwTQgCBBACAT/QsE4IAgQQAgFP0LBPCAIEEAIBX9CwSAgSAL';

interface Exports {
  readonly memory: WebAssembly.Memory;
  count(start: number, end: number): void;
  finite(start: number, end: number, special: number): void;
  find(start: number, end: number, code: number): number;
  used(from: number): number;
  sum(start: number, end: number, shift: number): void;
  sumFinite(start: number, end: number, shift: number): void;
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

/** Sums of what is finite, and how much of a block is what. */
export interface FiniteSums extends BlockSums {
  readonly n: number;
  readonly nan: number;
  readonly posInf: number;
  readonly negInf: number;
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
    this.#counts = new Int32Array(buffer, OUT + 80, 16);
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

  /** Counts and sums f32 [from, to) of the piece; `to - from` is a multiple of four and not zero. */
  sum(from: number, to: number, shift: number): BlockSums {
    this.#exports.sum(PIECE + 4 * from, PIECE + 4 * to, shift);
    return this.#readSums();
  }

  /** Sums what is finite of f32 [from, to); `shift` is an f32. */
  sumFinite(from: number, to: number, shift: number): FiniteSums {
    this.#exports.sumFinite(PIECE + 4 * from, PIECE + 4 * to, shift);
    const [n, nan, posInf] = [this.#sumLanes(4), this.#sumLanes(8), this.#sumLanes(12)];
    return { ...this.#readSums(), n, nan, posInf, negInf: to - from - n - nan - posInf };
  }

  #readSums(): BlockSums {
    const [d, s] = [this.#doubles, this.#singles];
    return {
      sum: d[0]! + d[1]!,
      squares: d[2]! + d[3]!,
      l1: d[4]! + d[5]!,
      min: Math.min(s[0]!, s[1]!, s[2]!, s[3]!),
      max: Math.max(s[4]!, s[5]!, s[6]!, s[7]!),
      zeros: this.#sumLanes(0),
    };
  }

  #sumLanes(from: number): number {
    const c = this.#counts;
    return c[from]! + c[from + 1]! + c[from + 2]! + c[from + 3]!;
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
