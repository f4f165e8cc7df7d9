import type { BrowserPerson } from './browser-people.js'

/**
 * What of a page cannot be seen in its window as it is now: elements that stick out at a side where nothing scrolls, and
 * such whose own content is wider than they are and cut. Text that ends in an ellipsis is cut on purpose.
 */
export function cutOff({ page }: BrowserPerson): Promise<readonly string[]> {
  return page.evaluate(look)
}

/** Runs in the page. */
function look(): string[] {
  const { clientWidth, scrollWidth } = document.documentElement
  const found = scrollWidth > clientWidth ? [`the page is ${scrollWidth} of ${clientWidth}`] : []
  // What runs in a page brings everything along.
  // oxlint-disable-next-line unicorn/consistent-function-scoping
  const parentOf = (element: Element): Element | null => {
    const root = element.getRootNode()
    return element.parentElement ?? (root instanceof ShadowRoot ? root.host : null)
  }
  /** Whether somebody can get there by scrolling, or nobody is to see it. */
  const isBeside = (element: Element): boolean => {
    for (let at = parentOf(element); at !== null; at = parentOf(at)) {
      const { overflowX, clipPath } = getComputedStyle(at)
      if (/auto|scroll/.test(overflowX) || clipPath !== 'none') return true
    }
    return getComputedStyle(element).clipPath !== 'none'
  }
  // oxlint-disable-next-line unicorn/consistent-function-scoping
  const told = (element: Element, what: string): string =>
    `${what}: <${element.localName} class="${element.getAttribute('class') ?? ''}"> ${(element.textContent ?? '').trim().slice(0, 40)}`
  const visit = (root: Document | ShadowRoot): void => {
    for (const element of root.querySelectorAll<HTMLElement>('body *, :host *')) {
      if (element.shadowRoot !== null) visit(element.shadowRoot)
      if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue
      if (element.closest('[aria-hidden=true], svg') !== null) continue
      const { left, right, width } = element.getBoundingClientRect()
      const { overflowX, textOverflow } = getComputedStyle(element)
      const isOut = width > 1 && (left < -1 || right > clientWidth + 1)
      if (isOut && !isBeside(element)) found.push(told(element, 'sticks out'))
      // What is scrolled sideways in a dialog was not meant to be.
      const isWide = element.matches('dialog') && element.scrollWidth > element.clientWidth + 1
      if (isWide) found.push(told(element, 'is too narrow'))
      const isTooSmall =
        element.matches('button, a, select') && element.scrollWidth > element.clientWidth + 1
      if (isTooSmall && overflowX === 'visible' && element.clientWidth > 0)
        found.push(told(element, 'is too small'))
      const isCut = /hidden|clip/.test(overflowX) && textOverflow !== 'ellipsis' && width > 1
      if (isCut && element.scrollWidth > element.clientWidth + 1 && !isBeside(element))
        found.push(told(element, 'is cut'))
    }
  }
  visit(document)
  return found
}
