import { detectText } from '../formats/text/detect.ts';

const EXTENSIONS = { json: 'json', toml: 'toml', plain: 'txt' } as const;

/** A file name for pasted text, by what the text is: `pasted.json`, `pasted.toml`, `pasted.txt`. */
export const nameText = (text: string): string => `pasted.${EXTENSIONS[detectText(text)]}`;
