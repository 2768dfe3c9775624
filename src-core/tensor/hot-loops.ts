/**
 * The two loops most bytes go through, which plain JavaScript runs at half the rate: `hot-loops.wat`, compiled (its
 * first lines say how).
 * WebAssembly with vectors is in every browser since 2023 and in every Node that runs this.
 */
const COMPILED =
  'AGFzbQEAAAABFAJgB39/f39/f38AYAZ/f39/fH8AAwMCAAEFAwEAEQcYAwZtZW1vcnkCAAVjb3VudAAAA3N1bQABCo4GAvACAwF+AX8FeyAE/RAh' +
  'CiAF/RAhC0H//wH9ECEMQYCAAv0QIQ0DQCAA/QAEACEJIAkgC/1RIAlBD/2MASAK/U79USEJIAwgCf2WASEMIA0gCf2YASENIAApAwAhByACIAen' +
  'Qf//A3FBAnRqIQggCCAIKAIAQQFqNgIAIAMgB0IQiKdB//8DcUECdGohCCAIIAgoAgBBAWo2AgAgAiAHQiCIp0H//wNxQQJ0aiEIIAggCCgCAEEB' +
  'ajYCACADIAdCMIinQQJ0aiEIIAggCCgCAEEBajYCACAAKQMIIQcgAiAHp0H//wNxQQJ0aiEIIAggCCgCAEEBajYCACADIAdCEIinQf//A3FBAnRq' +
  'IQggCCAIKAIAQQFqNgIAIAIgB0IgiKdB//8DcUECdGohCCAIIAgoAgBBAWo2AgAgAyAHQjCIp0ECdGohCCAIIAgoAgBBAWo2AgAgAEEQaiIAIAFJ' +
  'DQALIAYgDP0LBAAgBiAN/QsEEAuZAwMBfgF/DXsgBP0UIQsgAP0ABAAhEiASIRMDQCAA/QAEACEIIBIgCP3qASESIBMgCP3rASETIBQgCP0MAAAA' +
  'AAAAAAAAAAAAAAAAAP1B/bEBIRQgCP1fIQkgCCAI/Q0ICQoLDA0ODwgJCgsMDQ4P/V8hCiAQIAn97AH98AEhECARIAr97AH98AEhESAJIAv98QEh' +
  'CSAKIAv98QEhCiAMIAn98AEhDCANIAr98AEhDSAOIAkgCf3yAf3wASEOIA8gCiAK/fIB/fABIQ8gACkDACEGIAIgBkIOiKdB/P8PcWohByAHIAco' +
  'AgBBAWo2AgAgAyAGQi6Ip0H8/w9xaiEHIAcgBygCAEEBajYCACAAKQMIIQYgAiAGQg6Ip0H8/w9xaiEHIAcgBygCAEEBajYCACADIAZCLoinQfz/' +
  'D3FqIQcgByAHKAIAQQFqNgIAIABBEGoiACABSQ0ACyAFIAwgDf3wAf0LBAAgBSAOIA/98AH9CwQQIAUgECAR/fAB/QsEICAFIBL9CwQwIAUgE/0L' +
  'BEAgBSAU/QsEUAs=';

interface Exports {
  readonly memory: WebAssembly.Memory;
  count(start: number, end: number, even: number, odd: number, fold: number, flip: number, out: number): void;
  sum(start: number, end: number, even: number, odd: number, shift: number, out: number): void;
}

/** Bytes: two tables of 65,536 counts, the results, and a piece. */
const EVEN = 0;
const ODD = 2 ** 18;
const OUT = 2 ** 19;
const PIECE = 2 ** 19 + 2 ** 16;
/** Bytes it takes at once. */
export const PIECE_BYTES = 2 ** 19;

/** Codes of the smallest and the largest value. */
export interface CodeRange {
  readonly min: number;
  readonly max: number;
}

/** How codes become signed numbers in the order of their values. */
export type CodeOrder = 'float' | 'signed' | 'unsigned';

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
  readonly #piece: Uint8Array<ArrayBuffer>;
  readonly even: Uint32Array<ArrayBuffer>;
  readonly odd: Uint32Array<ArrayBuffer>;
  readonly #doubles: Float64Array;
  readonly #singles: Float32Array;
  readonly #counts: Int32Array;
  readonly #keys: Int16Array;

  constructor(module: WebAssembly.Module) {
    this.#exports = new WebAssembly.Instance(module).exports as unknown as Exports;
    const buffer = this.#exports.memory.buffer as ArrayBuffer;
    this.#piece = new Uint8Array(buffer, PIECE, PIECE_BYTES);
    this.#keys = new Int16Array(buffer, OUT, 16);
    this.even = new Uint32Array(buffer, EVEN, 65_536);
    this.odd = new Uint32Array(buffer, ODD, 65_536);
    this.#doubles = new Float64Array(buffer, OUT, 6);
    this.#singles = new Float32Array(buffer, OUT + 48, 8);
    this.#counts = new Int32Array(buffer, OUT + 80, 4);
  }

  /** At most PIECE_BYTES, which the loops then go over. */
  load(bytes: Uint8Array): void {
    this.#piece.set(bytes);
  }

  /** Counts the first `n` codes of 16 bits; `n` is a multiple of eight and not zero. NaN and infinities are values like others. */
  count(n: number, order: CodeOrder): CodeRange {
    const fold = order === 'float' ? 0x7fff : 0;
    const flip = order === 'unsigned' ? 0x8000 : 0;
    this.#exports.count(PIECE, PIECE + 2 * n, EVEN, ODD, fold, flip, OUT);
    const codeOf = (key: number) => (key ^ flip ^ (key < 0 ? fold : 0)) & 0xffff;
    return { min: codeOf(Math.min(...this.#keys.subarray(0, 8))), max: codeOf(Math.max(...this.#keys.subarray(8))) };
  }

  /** Sums f32 [from, to) of the piece; `to - from` is a multiple of four and not zero. */
  sum(from: number, to: number, shift: number): BlockSums {
    this.#exports.sum(PIECE + 4 * from, PIECE + 4 * to, EVEN, ODD, shift, OUT);
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

/** Its memory is a megabyte: it is cleared and used again. */
export function giveBack(loops: HotLoops): void {
  loops.even.fill(0);
  loops.odd.fill(0);
  if (spare.length < SPARES) spare.push(loops);
}
