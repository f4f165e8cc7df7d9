import { html, LitElement, type PropertyValues, type TemplateResult } from 'lit'

/** One thing to be done. */
export interface MenuItem {
  readonly name: string
  readonly label: string
  /** The key that does the same without the menu, for people to read. */
  readonly key?: string
}

const EDGE_PX = 8

/**
 * A menu beside what opened it, as a native popover: Esc and a press elsewhere close it, and the focus goes back. Arrow
 * keys move in it, also to the first letter that is typed. Tells `menu-chosen` with the name of the item.
 */
export class PopupMenu extends LitElement {
  static override readonly properties = {
    items: { attribute: false },
    label: {},
  }

  declare items: readonly MenuItem[]
  /** What it is a menu of. */
  declare label: string
  #anchor: HTMLElement | null = null

  constructor() {
    super()
    this.items = []
    this.label = ''
  }

  protected override createRenderRoot(): this {
    return this
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.setAttribute('popover', 'auto')
    this.setAttribute('role', 'menu')
    this.addEventListener('keydown', this.#key)
    this.addEventListener('toggle', this.#toggled)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.removeEventListener('keydown', this.#key)
    this.removeEventListener('toggle', this.#toggled)
  }

  /** Opens it below `anchor`, with the focus on its first item. */
  async openAt(anchor: HTMLElement): Promise<void> {
    // It may be open at another one.
    this.#anchor?.setAttribute('aria-expanded', 'false')
    this.#anchor = anchor
    await this.updateComplete
    this.hidePopover()
    anchor.setAttribute('aria-expanded', 'true')
    this.showPopover()
    this.#place(anchor.getBoundingClientRect())
    this.#buttons[0]?.focus()
  }

  protected override updated(changed: PropertyValues): void {
    if (changed.has('label')) this.setAttribute('aria-label', this.label)
  }

  protected override render(): TemplateResult {
    return html`${this.items.map(
      ({ name, label, key = '' }) =>
        html`<button role="menuitem" tabindex="-1" @click=${() => this.#choose(name)}>
          <span>${label}</span><kbd aria-hidden="true" ?hidden=${key === ''}>${key}</kbd>
        </button>`,
    )}`
  }

  get #buttons(): readonly HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>('button')]
  }

  #choose(name: string): void {
    // First, so that the focus is back where it was before anything else wants it.
    this.hidePopover()
    this.dispatchEvent(new CustomEvent('menu-chosen', { bubbles: true, detail: name }))
  }

  /** Below its anchor, or above it where there is no room; never beyond the window's edge. */
  #place(anchor: DOMRect): void {
    const { width, height } = this.getBoundingClientRect()
    const { clientWidth, clientHeight } = this.ownerDocument.documentElement
    const isRightToLeft = getComputedStyle(this).direction === 'rtl'
    const left = isRightToLeft ? anchor.left : anchor.right - width
    const fits = anchor.bottom + height + EDGE_PX <= clientHeight
    const top = fits ? anchor.bottom : Math.max(EDGE_PX, anchor.top - height)
    this.style.left = `${Math.max(EDGE_PX, Math.min(left, clientWidth - width - EDGE_PX))}px`
    this.style.top = `${top}px`
  }

  readonly #toggled = (event: Event): void => {
    if ((event as ToggleEvent).newState === 'closed') {
      this.#anchor?.setAttribute('aria-expanded', 'false')
    }
  }

  readonly #key = (event: KeyboardEvent): void => {
    const buttons = this.#buttons
    const next = indexAfter(event.key, buttons)
    if (event.key === 'Tab') this.hidePopover()
    if (next === null) return
    event.preventDefault()
    event.stopPropagation()
    buttons.at(next)?.focus()
  }
}

/** Which of the buttons a key leads to, counted from the end when negative, or `null`. */
function indexAfter(key: string, buttons: readonly HTMLElement[]): number | null {
  const now = buttons.findIndex((button) => button.matches(':focus'))
  switch (key) {
    case 'ArrowDown':
      return (now + 1) % buttons.length
    case 'ArrowUp':
      return Math.max(now, 0) - 1
    case 'Home':
      return 0
    case 'End':
      return -1
    default:
      return key.length === 1 ? indexOfLetter(key, now, buttons) : null
  }
}

function indexOfLetter(
  letter: string,
  now: number,
  buttons: readonly HTMLElement[],
): number | null {
  const places = buttons.map((_, step) => (now + 1 + step) % buttons.length)
  const wanted = letter.toLocaleLowerCase()
  const found = places.find((place) =>
    buttons[place]?.textContent.trim().toLocaleLowerCase().startsWith(wanted),
  )
  return found ?? null
}
