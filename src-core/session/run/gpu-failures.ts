import type { RunRequest } from './run-request.ts';

type Asked = Pick<RunRequest, 'backend' | 'attempt'>;

/** Why WebGPU failed for a model: what fails once would fail at each run, and take its time. Asked for otherwise, it is tried again. */
export class GpuFailures {
  private readonly known = new WeakMap<object, { readonly asked: string; readonly why: string }>();

  keep(what: object, asked: Asked, why: string): void {
    this.known.set(what, { asked: wordAsked(asked), why });
  }

  find(what: object, asked: Asked): string | undefined {
    const found = this.known.get(what);
    return found?.asked === wordAsked(asked) ? found.why : undefined;
  }

  /** Whether there was anything to forget. */
  forget(what: object): boolean {
    return this.known.delete(what);
  }
}

const wordAsked = ({ backend = 'auto', attempt = 0 }: Asked): string => `${backend} ${attempt}`;
