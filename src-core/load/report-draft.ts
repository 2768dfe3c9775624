import type { LoadPair, LoadReport, Mismatch } from './report.ts';

/** A report being written, in the order in which the system goes through the state dicts. */
export class ReportDraft {
  readonly assigned: LoadPair[] = [];
  readonly missing: string[] = [];
  readonly unexpected: string[] = [];
  readonly added: string[] = [];
  readonly mismatched: Mismatch[] = [];
  readonly warnings: string[] = [];
  returns?: string;
  error: LoadReport['error'] = null;
  partial: readonly string[] = [];

  /**
   * The system raises here; what would have raised later is not heard of. `atomic`: nothing has changed yet, else all that is
   * assigned and added by now has.
   */
  raise(type: string, message: string, { atomic = false } = {}): this {
    if (this.error) return this;
    this.error = { type, message };
    if (!atomic) this.partial = [...this.assigned.map(({ target }) => target), ...this.added];
    return this;
  }

  assign(target: string, source: string, mismatches: readonly Mismatch[] = []): void {
    this.assigned.push({ target, source });
    this.mismatched.push(...mismatches);
  }
}
