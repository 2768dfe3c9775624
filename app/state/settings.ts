import { create } from 'zustand';
import { HUB_BASE } from '../../src-core/index.ts';
import { webAddress } from './deep-link.ts';

export type Theme = 'light' | 'dark' | 'system';

export type PromptPane = 'edit' | 'split' | 'preview';

export interface Settings {
  readonly theme: Theme;
  /** Ids of explorer columns a person hid. */
  readonly hiddenColumns: readonly string[];
  /** Ids of explorer columns that are hidden unless a person shows them. */
  readonly shownColumns: readonly string[];
  /** Column widths a person set, in pixels. */
  readonly columnWidths: Readonly<Record<string, number>>;
  /** Sizes of the resizable panels, in percent by panel id. */
  readonly panels: Readonly<Record<string, number>>;
  /** Whether two documents that are compared are shown as two trees. */
  readonly sideBySide: boolean;
  readonly wrapText: boolean;
  /** What is seen of a prompt: its text, what it makes, or both. Null: both where it is a template and there is room. */
  readonly promptPane: PromptPane | null;
  /** Where repos are looked for: huggingface.co, or a mirror of it. */
  readonly hubBase: string;
}

const KEY = 'stateglass.settings';
const PROMPT_PANES: readonly PromptPane[] = ['edit', 'split', 'preview'];
const DEFAULTS: Settings = {
  theme: 'system',
  hiddenColumns: [],
  shownColumns: [],
  columnWidths: {},
  panels: {},
  sideBySide: false,
  wrapText: true,
  promptPane: null,
  hubBase: HUB_BASE,
};

export const useSettings = create<Settings>(() => load());

/** Changes settings and keeps them for the next visit. */
export function changeSettings(change: Partial<Settings>): void {
  useSettings.setState(change);
  try {
    localStorage.setItem(KEY, JSON.stringify(useSettings.getState()));
  } catch {
    // Storage may be full or forbidden (private windows): the setting lasts for this visit.
  }
}

function load(): Settings {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    return typeof kept === 'object' && kept !== null ? mend(kept as Partial<Settings>) : DEFAULTS;
  } catch {
    return DEFAULTS;
  }
}

/** What an older version or another hand stored is taken only where it has the right shape. */
function mend(kept: Partial<Settings>): Settings {
  const numbers = (value: unknown): Readonly<Record<string, number>> =>
    typeof value === 'object' && value !== null && Object.values(value).every(Number.isFinite)
      ? (value as Record<string, number>)
      : {};
  const words = (value: unknown): readonly string[] =>
    Array.isArray(value) ? value.filter((word) => typeof word === 'string') : [];
  return {
    theme: kept.theme === 'light' || kept.theme === 'dark' ? kept.theme : 'system',
    hiddenColumns: words(kept.hiddenColumns),
    shownColumns: words(kept.shownColumns),
    columnWidths: numbers(kept.columnWidths),
    panels: numbers(kept.panels),
    sideBySide: kept.sideBySide === true,
    wrapText: kept.wrapText !== false,
    promptPane: PROMPT_PANES.find((pane) => pane === kept.promptPane) ?? null,
    hubBase: typeof kept.hubBase === 'string' && webAddress(kept.hubBase) ? kept.hubBase : DEFAULTS.hubBase,
  };
}
