import { html, LitElement, nothing, type PropertyValues, type TemplateResult } from 'lit'
import { lookOf } from '../codemirror/index.js'
import type { PresentPeer } from '../presence.js'
import type { Room } from '../room.js'
import { peopleIn, type Somebody } from './people.js'
import type { Person } from './person.js'
import { followWords, words } from './words.js'

/** Faces that are shown; the others are a number. Narrow windows have room for fewer. */
const MAX_FACES = 5
const MAX_FACES_NARROW = 3

/** Who is here: oneself, who may be renamed, and the others. Tells `name-wanted` when one's own name is pressed. */
export class PeopleHere extends LitElement {
  static override readonly properties = {
    room: { attribute: false },
    person: { attribute: false },
    others: { state: true },
    ownHue: { state: true },
  }

  declare room: Room | undefined
  declare person: Person | undefined
  declare protected others: readonly Somebody[]
  /** That of one's own cursor, which gives way to another person's. */
  declare protected ownHue: number
  #shown: readonly PresentPeer[] | null = null
  #stop: (() => void) | null = null

  constructor() {
    super()
    followWords(this)
    this.others = []
    this.ownHue = 0
  }

  protected override createRenderRoot(): this {
    return this
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop?.()
    this.#stop = null
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!changed.has('room') || this.room === undefined) return
    const { room } = this
    this.#stop?.()
    const refresh = (): void => this.#refresh(room)
    // Also what this person shows of themselves; the room tells of the others only.
    room.presence.awareness.on('change', refresh)
    this.#stop = () => room.presence.awareness.off('change', refresh)
    refresh()
  }

  #refresh({ presence, ydoc }: Room): void {
    this.ownHue = lookOf(ydoc.clientID, presence.self ?? {}).hue
    if (this.#shown === presence.others) return
    this.#shown = presence.others
    this.others = peopleIn(presence.others, this.person?.id ?? '')
  }

  protected override render(): TemplateResult {
    const shown = this.others.slice(0, MAX_FACES)
    const { here, you } = words().people
    const own = this.person?.name ?? ''
    return html`<ul class="people" aria-label=${here}>
      <li>
        <button
          id="own-name"
          class="face own"
          data-hue=${this.ownHue}
          title=${you(own)}
          aria-label=${you(own)}
          @click=${() => this.dispatchEvent(new CustomEvent('name-wanted', { bubbles: true }))}
        >
          ${initialOf(own)}
        </button>
      </li>
      ${shown.map(
        ({ name, hue }, index) =>
          html`<li class=${index < MAX_FACES_NARROW ? '' : 'if-wide'}>
            <span class="face" role="img" data-hue=${hue} title=${name} aria-label=${name}
              >${initialOf(name)}</span
            >
          </li>`,
      )}
      ${this.#more(MAX_FACES, 'if-wide')} ${this.#more(MAX_FACES_NARROW, 'if-narrow')}
    </ul>`
  }

  #more(shown: number, when: string): TemplateResult | typeof nothing {
    const more = this.others.length - shown
    if (more <= 0) return nothing
    return html`<li class="more ${when}">
      <span aria-hidden="true">+${more}</span
      ><span class="spoken">${words().people.more(more)}</span>
    </li>`
  }
}

function initialOf(name: string): string {
  const [first] = new Intl.Segmenter().segment(name)
  return first?.segment.toLocaleUpperCase() ?? ''
}
