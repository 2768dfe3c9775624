/** Something a person can ask for by name. */
export interface Command {
  readonly id: string;
  readonly title: string;
  readonly group: 'Open' | 'Compare' | 'Go to' | 'Document' | 'Clean up' | 'Explorer' | 'Page';
  readonly keys?: string;
  run(): void;
}

const isMac = /Mac|iP(hone|ad)/.test(navigator.platform);
export const MOD = isMac ? '⌘' : 'Ctrl ';
