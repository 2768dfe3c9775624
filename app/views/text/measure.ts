/** How long a text is, as people and models count. */
export interface TextMeasure {
  /** Code points, so that an emoji counts once. */
  readonly characters: number;
  readonly words: number;
  readonly lines: number;
  /** A rule of thumb, not a tokeniser: about four Latin letters a token, about one per ideograph or kana. */
  readonly tokens: number;
}

const WIDE = /[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]/gu;

export function measureText(text: string): TextMeasure {
  let characters = 0;
  for (const _ of text) characters++;
  const wide = text.match(WIDE)?.length ?? 0;
  return {
    characters,
    words: text.match(/[\p{L}\p{N}][\p{L}\p{N}'’_-]*/gu)?.length ?? 0,
    lines: text === '' ? 0 : text.split(/\r\n|\r|\n/).length,
    tokens: Math.ceil((characters - wide) / 4 + wide),
  };
}
