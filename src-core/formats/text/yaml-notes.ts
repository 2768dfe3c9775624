import type { TextNote, TextSource } from './tree.ts';
import { describeOther, type YamlVersion } from './yaml-scalar.ts';

interface Met {
  readonly text: string;
  readonly offset: number;
  readonly says: string;
  count: number;
}

/** Remarks on a YAML text, one for all of a kind: a file that is written by hand is full of them. */
export class YamlNotes {
  private readonly source: TextSource;
  private readonly met = new Map<'versions' | 'keys' | 'tags' | 'code', Met>();
  private documents = 1;

  constructor(source: TextSource) {
    this.source = source;
  }

  /** An unquoted scalar that not every reader takes for the same. */
  noteVersions(text: string, version: YamlVersion, offset: number): void {
    const other = describeOther(text, version);
    if (other !== undefined) this.meet('versions', text, offset, other);
  }

  /** An unquoted key that is no text. */
  noteKey(text: string, offset: number): void {
    this.meet('keys', text, offset, '');
  }

  noteTag(tag: string, offset: number): void {
    this.meet(
      /^!!python\/(?!none|bool|str|unicode|int|long|float|complex|list|tuple|dict)/.test(tag) ? 'code' : 'tags',
      tag,
      offset,
      '',
    );
  }

  noteDocuments(count: number): void {
    this.documents = count;
  }

  private meet(kind: 'versions' | 'keys' | 'tags' | 'code', text: string, offset: number, says: string): void {
    const met = this.met.get(kind);
    if (met) met.count++;
    else this.met.set(kind, { text: text.length > 40 ? `${text.slice(0, 40)}…` : text, offset, says, count: 1 });
  }

  list(): TextNote[] {
    const { text, places } = this.source;
    const notes: TextNote[] = [];
    const add = (
      kind: 'versions' | 'keys' | 'tags' | 'code',
      note: (met: Met, where: string) => Omit<TextNote, 'offset'>,
    ) => {
      const met = this.met.get(kind);
      if (!met) return;
      const more = met.count > 1 ? ` (and ${met.count - 1} more)` : '';
      notes.push({ ...note(met, `"${met.text}" at line ${places.line(met.offset)}${more}`), offset: met.offset });
    };
    add('code', (_, where) => ({
      code: 'yaml-code',
      severity: 'warning',
      message: `The tag ${where} makes PyYAML's unsafe loaders import and call code. Nothing of it is run here.`,
      advice: 'Load the file with yaml.safe_load, which refuses it.',
    }));
    add('versions', ({ says }, where) => ({
      code: 'yaml-versions',
      severity: 'note',
      message: `Readers of YAML 1.1 (PyYAML) and 1.2 take ${where} for different values: for the other one it is ${says}.`,
      advice: 'Put it in quotes if it is a text; write true, false and 1.0e+5 if it is not.',
    }));
    add('keys', (_, where) => ({
      code: 'yaml-keys',
      severity: 'note',
      message: `The key ${where} is no text to YAML readers; it is shown as one.`,
    }));
    add('tags', (_, where) => ({
      code: 'yaml-tags',
      severity: 'note',
      message: `What the tag ${where} means only the program knows that reads it.`,
    }));
    if (this.documents > 1)
      notes.push({
        code: 'yaml-documents',
        severity: 'note',
        message: `The file has ${this.documents} documents, listed by their numbers.`,
        offset: 0,
      });
    const control = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\uFFFE\uFFFF]/.exec(text);
    if (control)
      notes.push({
        code: 'yaml-control',
        severity: 'warning',
        message: `The file has a control character at line ${places.line(control.index)}, which PyYAML refuses.`,
        offset: control.index,
      });
    return notes;
  }
}
