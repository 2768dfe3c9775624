/** Writes to stdout in large pieces and stops quietly when the reader (`head`) has gone. */
export class Output {
  #parts: string[] = [];
  #length = 0;

  constructor() {
    process.stdout.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      process.exit(0);
    });
  }

  write(text: string): void {
    this.#parts.push(text);
    this.#length += text.length;
    if (this.#length > 1 << 20) this.#flush();
  }

  line(text: string): void {
    this.write(`${text}\n`);
  }

  #flush(): void {
    process.stdout.write(this.#parts.join(''));
    this.#parts = [];
    this.#length = 0;
  }

  end(): Promise<void> {
    return new Promise((resolve) => process.stdout.write(this.#parts.join(''), () => resolve()));
  }
}
