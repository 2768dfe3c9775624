import { create } from 'zustand';

/**
 * What is typed into the palette. It lives outside it: the keys that follow Ctrl-K may come before its code is loaded or its
 * field has the focus, and none of them is lost.
 */
interface PaletteState {
  readonly text: string;
  /** Enter was pressed before there was a list to act on. */
  readonly enter: boolean;
}

export const usePalette = create<PaletteState>(() => ({ text: '', enter: false }));

export const clearPalette = (): void => usePalette.setState({ text: '', enter: false });

/** Another text asks another question: an Enter that waits for the answer to the old one is over. */
export const typePalette = (text: string): void => usePalette.setState({ text, enter: false });

export const takeEnter = (): void => usePalette.setState({ enter: false });

/** Takes a key meant for the palette while its field cannot; false when it is none of its keys. */
export function keyBeforePalette(key: string): boolean {
  const { text } = usePalette.getState();
  if (key === 'Backspace') typePalette([...text].slice(0, -1).join(''));
  else if (key === 'Enter') usePalette.setState({ enter: true });
  else if ([...key].length === 1) typePalette(text + key);
  else return false;
  return true;
}
