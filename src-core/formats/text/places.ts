/** A stone every so many characters: finding a place walks from the last one, even in a file of one line. */
const STEP = 1024;

/** Lines, columns and bytes of a text by offset (UTF-16 units). Made on first use. */
export class Places {
  private readonly text: string;
  /** Three numbers a stone: line, start of that line, bytes before the stone. */
  private stones: Float64Array | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** From 1. */
  line(offset: number): number {
    return this.find(offset).line + 1;
  }

  /** `3, column 7`: both from 1, the column in UTF-16 units. A byte order mark takes no column. */
  place(offset: number): string {
    const { line, start } = this.find(offset);
    const mark = start === 0 && offset > 0 && this.text.startsWith('\uFEFF') ? 1 : 0;
    return `${line + 1}, column ${offset - start - mark + 1}`;
  }

  /** Bytes of UTF-8 before the offset. */
  bytes(offset: number): number {
    return this.find(offset).bytes;
  }

  /** Where the line of this offset begins. */
  lineStart(offset: number): number {
    return this.find(offset).start;
  }

  private find(offset: number): { line: number; start: number; bytes: number } {
    this.stones ??= this.layStones();
    const stone = Math.floor(Math.min(offset, this.text.length) / STEP);
    const at = {
      line: this.stones[stone * 3]!,
      start: this.stones[stone * 3 + 1]!,
      bytes: this.stones[stone * 3 + 2]!,
    };
    return this.walk(at, stone * STEP, Math.min(offset, this.text.length));
  }

  private layStones(): Float64Array {
    const count = Math.floor(this.text.length / STEP) + 1;
    const stones = new Float64Array(count * 3);
    const at = { line: 0, start: 0, bytes: 0 };
    for (let i = 1; i < count; i++) {
      this.walk(at, (i - 1) * STEP, i * STEP);
      stones.set([at.line, at.start, at.bytes], i * 3);
    }
    return stones;
  }

  private walk(at: { line: number; start: number; bytes: number }, from: number, to: number): typeof at {
    for (let i = from; i < to; i++) {
      const code = this.text.charCodeAt(i);
      if (code === 0x0a) {
        at.line++;
        at.start = i + 1;
      }
      // Half a surrogate pair is two of its four bytes.
      at.bytes += code < 0x80 ? 1 : code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 2 : 3;
    }
    return at;
  }
}
