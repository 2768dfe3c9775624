import { type ComponentType, useEffect, useState } from 'react';
import s from './app.module.css';

/** Draws a view's rehearsal for a moment where nobody sees it and nothing reads it out. */
export function Rehearse({ view: View }: { readonly view: ComponentType }) {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const frame = requestAnimationFrame(() => setTimeout(() => setOver(true)));
    return () => cancelAnimationFrame(frame);
  }, []);
  if (over) return null;
  return (
    <div className={s.rehearsal} aria-hidden="true" inert>
      <View />
    </div>
  );
}
