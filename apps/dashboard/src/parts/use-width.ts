import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

/** Width in px of what `box` is put on, 0 until it is known: what is drawn has text of one size on every screen. */
export function useWidth<T extends HTMLElement>(): { readonly box: RefObject<T | null>; readonly width: number } {
  const box = useRef<T>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const measure = (): void => setWidth(Math.floor(box.current?.clientWidth ?? 0));
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(box.current!);
    return () => watch.disconnect();
  }, []);
  return { box, width };
}
