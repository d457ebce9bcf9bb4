// How a page looks, measured: nothing wider than the screen, no text cut off, no control upon another, and what axe finds.
import AxeBuilder from '@axe-core/playwright';

/** What axe calls less than this is told in its report, not failed. */
const FAILING = new Set(['serious', 'critical']);
/** Findings told of one page. */
const MOST = 5;

/**
 * Nothing wider than the screen, no text cut off, no text or control upon another.
 * @param {import('playwright-core').Page} page
 * @returns {Promise<string[]>}
 */
export async function overflow(page) {
  return [...(await tooWide(page)), ...(await overlaps(page))];
}

async function tooWide(page) {
  return page.evaluate((most) => {
    const faults = [];
    const width = document.documentElement.clientWidth;
    const over = document.documentElement.scrollWidth - width;
    if (over > 0) {
      const wide = [...document.body.querySelectorAll('*')].filter(
        (element) => element.getBoundingClientRect().right > width + 1 && !scrolls(element.parentElement),
      );
      const names = wide.slice(-most).map(name);
      faults.push(`${over} px wider than ${innerWidth} px: ${names.join(', ')}`);
    }
    for (const element of document.body.querySelectorAll('button, a, h1, h2, h3, label, td, th, p, span')) {
      if (faults.length > most) break;
      const style = getComputedStyle(element);
      if (style.overflowX !== 'hidden' || style.textOverflow === 'ellipsis') continue;
      // Texts for screen readers alone are a pixel wide.
      if (
        element.clientWidth > 4 &&
        element.scrollWidth > element.clientWidth + 1 &&
        element.textContent.trim()
      )
        faults.push(`cut off: ${name(element)} "${element.textContent.trim().slice(0, 40)}"`);
    }
    return faults;

    function scrolls(element) {
      for (let at = element; at !== null && at !== document.body; at = at.parentElement)
        if (getComputedStyle(at).overflowX !== 'visible') return true;
      return false;
    }
    function name(element) {
      return element.tagName.toLowerCase() + (element.classList[0] ? `.${element.classList[0]}` : '');
    }
  }, MOST);
}

/** Texts and controls of the content that lie upon each other, as far as they are seen. */
function overlaps(page) {
  return page.evaluate((most) => {
    /** Less than this is how letters of neighbouring lines touch, px. */
    const TOUCH = 3;
    const faults = [];
    const main = document.querySelector('main') ?? document.body;
    const parts = [];
    for (const element of main.querySelectorAll('*')) {
      if (
        element.closest('svg, [aria-hidden=true], canvas') ||
        !element.checkVisibility({ visibilityProperty: true })
      )
        continue;
      const isControl = element.matches('button, input, select, textarea');
      const texts = [...element.childNodes].filter(
        ({ nodeType, data }) => nodeType === 3 && data.trim() !== '',
      );
      if (!isControl && texts.length === 0) continue;
      for (const box of isControl ? [element.getBoundingClientRect()] : texts.flatMap(lines)) {
        const seen = clipped(box, element);
        if (seen !== undefined) parts.push({ element, ...seen });
      }
    }
    parts.sort((a, b) => a.top - b.top);
    for (const [at, one] of parts.entries()) {
      for (let next = at + 1; next < parts.length && parts[next].top < one.bottom - TOUCH; next += 1) {
        const other = parts[next];
        const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
        const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
        if (wide <= TOUCH || high <= TOUCH || belongs(one.element, other.element)) continue;
        faults.push(`${name(one.element)} lies upon ${name(other.element)}`);
        if (faults.length >= most) return faults;
      }
    }
    return faults;

    function lines(text) {
      const range = document.createRange();
      range.selectNodeContents(text);
      return [...range.getClientRects()];
    }
    /** What is seen of a box: elements that hide what is beyond them hide its rest. */
    function clipped({ left, top, right, bottom }, element) {
      const box = { left: Math.max(0, left), top, right: Math.min(innerWidth, right), bottom };
      for (let up = element; up !== null && up !== main; up = up.parentElement) {
        const { overflowX, overflowY, clipPath } = getComputedStyle(up);
        if (overflowX === 'visible' && overflowY === 'visible' && clipPath === 'none') continue;
        const outer = up.getBoundingClientRect();
        box.left = Math.max(box.left, outer.left);
        box.top = Math.max(box.top, outer.top);
        box.right = Math.min(box.right, outer.right);
        box.bottom = Math.min(box.bottom, outer.bottom);
      }
      return box.right - box.left > TOUCH && box.bottom - box.top > TOUCH ? box : undefined;
    }
    /** One is part of the other, or both of one field. */
    function belongs(a, b) {
      if (a.contains(b) || b.contains(a)) return true;
      const field = a.closest('.mantine-Input-wrapper');
      return field?.contains(b) === true;
    }
    function name(element) {
      return `${element.tagName.toLowerCase()} "${(element.textContent || element.name || '').trim().slice(0, 30)}"`;
    }
  }, MOST);
}

/** Serious and critical findings of axe. @param {import('playwright-core').Page} page @returns {Promise<string[]>} */
export async function accessibility(page) {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations
    .filter(({ impact }) => FAILING.has(impact))
    .map(({ id, impact, nodes }) => {
      const where = nodes.slice(0, MOST).map(({ target, failureSummary }) => {
        const why = failureSummary?.split('\n')[1]?.trim() ?? '';
        return `${target.join(' ')} (${why.slice(0, 160)})`;
      });
      return `axe ${impact} ${id}: ${where.join('; ')}`;
    });
}

/**
 * Waits until a page has come to rest: what it is for is there, nothing loads any more, its fonts and styles are in.
 * @param {import('playwright-core').Page} page
 * @param {string} ready a selector of what it is for
 */
export async function settled(page, ready) {
  await page.locator(ready).first().waitFor({ state: 'visible' });
  await page.waitForFunction(
    () =>
      ![
        ...document.querySelectorAll(
          '[aria-busy=true], [data-loading=true], .mantine-Skeleton-root[data-visible]',
        ),
      ].some((element) => element.checkVisibility()),
  );
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
}
