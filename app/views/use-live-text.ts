import { useEffect, useRef, useState } from 'react';

/** The text as it is typed: what is edited follows after a pause. An undo, or the text of another key, is not typed, and is shown at once. */
export function useLiveText(text: string, key: string) {
  const [typed, setTyped] = useState<{ readonly key: string; readonly text: string } | null>(null);
  const told = useRef(new Set<string>());
  const last = useRef('');
  useEffect(() => {
    if (text !== last.current && told.current.has(text)) return;
    told.current.clear();
    if (text !== last.current) setTyped(null);
  }, [text]);
  const follow = (next: string) => {
    told.current.add(next);
    last.current = next;
    setTyped({ key, text: next });
  };
  return { live: typed?.key === key ? typed.text : text, follow };
}
