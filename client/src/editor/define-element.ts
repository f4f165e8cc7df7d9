/** Defines an element. Harmless when called twice, and where there are no elements, as on a server. */
export function defineElement(name: string, element: CustomElementConstructor): void {
  if (typeof customElements === 'undefined' || customElements.get(name) !== undefined) return
  customElements.define(name, element)
}
