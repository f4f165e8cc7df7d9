/** The language that a place in a page is in, as a BCP 47 tag; empty where nothing says so. */
export function languageOf(place: Element): string {
  for (let at: Element | null = place; at !== null; at = hostOf(at)) {
    const said = at.closest('[lang]')?.getAttribute('lang')
    if (said !== null && said !== undefined) return said
  }
  return ''
}

/** Calls `changed` whenever a `lang` attribute around `place` may have changed, until the returned function is called. */
export function onLanguage(place: Element, changed: () => void): () => void {
  const observer = new MutationObserver(changed)
  for (let at: Element | null = place; at !== null; at = hostOf(at)) {
    observer.observe(at.getRootNode(), {
      attributes: true,
      attributeFilter: ['lang'],
      subtree: true,
    })
  }
  return () => observer.disconnect()
}

/** The element whose shadow root this one is in, or `null`. */
function hostOf(element: Element): Element | null {
  const root = element.getRootNode()
  return root instanceof ShadowRoot ? root.host : null
}
