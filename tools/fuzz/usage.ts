import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Usage {
  /** Bytes of memory that are resident. */
  readonly rss: number;
  /** Milliseconds of processor time so far. */
  readonly cpuMs: number;
}

const PAGE = 4096;
const TICK_MS = 10;

/** What another process takes; undefined when it is gone, or on systems that do not say. */
export function usageOf(pid: number): Usage | undefined {
  try {
    if (process.platform === 'linux') {
      // The name, in brackets, may have blanks in it.
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /s, '')
        .split(' ')
        .map(Number);
      return { rss: (fields[21] ?? 0) * PAGE, cpuMs: ((fields[11] ?? 0) + (fields[12] ?? 0)) * TICK_MS };
    }
    const [rss = '0', time = '0'] = execFileSync('ps', ['-o', 'rss=,cputime=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(/\s+/);
    const seconds = time.split(':').reduce((sum, part) => 60 * sum + Number(part), 0);
    return { rss: Number(rss) * 1024, cpuMs: 1000 * seconds };
  } catch {
    return undefined;
  }
}
