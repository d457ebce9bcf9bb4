/** How long a button must have been in plain sight before it can be pressed, ms. */
const SIGHT_MS = 500;

/** What newer browsers tell beyond the standard's first version. */
interface VisibleEntry extends IntersectionObserverEntry {
  readonly isVisible?: boolean;
}

/**
 * Keeps a button that signs disabled until it has been in plain sight for a moment: a click that was meant for what lay
 * there before does nothing. Browsers with IntersectionObserver v2 also tell when a page covers the frame or makes it see-through;
 * then it stays disabled and `tell(true)` is called.
 */
export function guardButton(button: HTMLButtonElement, tell: (covered: boolean) => void): void {
  button.disabled = true;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const seen = (isSeen: boolean, covered: boolean) => {
    clearTimeout(timer);
    button.disabled = true;
    tell(covered);
    if (isSeen) {
      timer = setTimeout(() => {
        button.disabled = false;
      }, SIGHT_MS);
    }
  };
  const options = { threshold: [1], trackVisibility: true, delay: 100 } as IntersectionObserverInit;
  const observer = new IntersectionObserver((entries) => {
    const entry = entries.at(-1) as VisibleEntry | undefined;
    if (entry === undefined) return;
    const inView = entry.intersectionRatio >= 0.99;
    const covered = inView && entry.isVisible === false;
    seen(inView && !covered, covered);
  }, options);
  observer.observe(button);
}
