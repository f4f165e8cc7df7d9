import { html, LitElement, type PropertyValues, type TemplateResult } from 'lit'
import type { Room } from '../room.js'
import { peopleIn, type Somebody } from './people.js'
import type { Person } from './person.js'

/** Faces that are shown; the others are a number. */
const MAX_FACES = 5

/** Who is here: oneself, who may be renamed, and the others. Tells `name-wanted` when one's own name is pressed. */
export class PeopleHere extends LitElement {
  static override readonly properties = {
    room: { attribute: false },
    person: { attribute: false },
    others: { state: true },
  }

  declare room: Room | undefined
  declare person: Person | undefined
  declare protected others: readonly Somebody[]
  #stop: (() => void) | null = null

  constructor() {
    super()
    this.others = []
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
    this.#stop = room.presence.subscribe(() => this.#refresh())
    this.#refresh()
  }

  #refresh(): void {
    this.others = peopleIn(this.room?.presence.others ?? [], this.person?.id ?? '')
  }

  protected override render(): TemplateResult {
    const shown = this.others.slice(0, MAX_FACES)
    const more = this.others.length - shown.length
    return html`<ul class="people" aria-label="People here">
      <li>
        <button
          id="own-name"
          class="face own"
          title="${this.person?.name ?? ''} (you): change name"
          aria-label="${this.person?.name ?? ''} (you): change name"
          @click=${() => this.dispatchEvent(new CustomEvent('name-wanted', { bubbles: true }))}
        >
          ${initialOf(this.person?.name ?? '')}
        </button>
      </li>
      ${shown.map(
        ({ name, hue }) =>
          html`<li>
            <span class="face" role="img" data-hue=${hue} title=${name} aria-label=${name}
              >${initialOf(name)}</span
            >
          </li>`,
      )}
      ${more > 0 ? html`<li class="more">and ${more} more</li>` : ''}
    </ul>`
  }
}

function initialOf(name: string): string {
  const [first] = new Intl.Segmenter().segment(name)
  return first?.segment.toLocaleUpperCase() ?? ''
}
