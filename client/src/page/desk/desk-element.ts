import { LitElement } from 'lit'
import { followWords } from '../words.js'
import type { Desk } from './desk.js'

/** Shows something of a desk, and is updated when it changes. In the light DOM, like the whole page. */
export abstract class DeskElement extends LitElement {
  static override readonly properties = { desk: { attribute: false, noAccessor: true } }

  #desk: Desk | undefined
  #stop: (() => void) | null = null

  constructor() {
    super()
    followWords(this)
  }

  get desk(): Desk | undefined {
    return this.#desk
  }

  set desk(desk: Desk | undefined) {
    if (desk === this.#desk) return
    this.#desk = desk
    if (this.isConnected) this.#follow()
    this.requestUpdate()
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#follow()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop?.()
    this.#stop = null
  }

  protected override createRenderRoot(): this {
    return this
  }

  #follow(): void {
    this.#stop?.()
    this.#stop = this.#desk?.subscribe(() => this.requestUpdate()) ?? null
  }
}
