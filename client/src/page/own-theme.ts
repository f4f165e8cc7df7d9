import type { LitElement, ReactiveController } from 'lit'
import { onRemembered, type Memory } from './memory.js'
import { applyTheme, rememberedTheme, showTheme, type Theme } from './theme-choice.js'

/** The theme that was chosen in this browser: shown on the page, remembered, and taken over from other tabs. */
export class OwnTheme implements ReactiveController {
  readonly #host: LitElement
  readonly #memory: Memory
  #current: Theme
  #stop: (() => void) | null = null

  constructor(host: LitElement, memory: Memory) {
    this.#host = host
    this.#memory = memory
    this.#current = rememberedTheme(memory)
    host.addController(this)
  }

  get current(): Theme {
    return this.#current
  }

  choose(theme: Theme): void {
    applyTheme(this.#root, this.#memory, theme)
    this.#take(theme)
  }

  hostConnected(): void {
    this.#stop = onRemembered(window, () => {
      const theme = rememberedTheme(this.#memory)
      showTheme(this.#root, theme)
      this.#take(theme)
    })
  }

  hostDisconnected(): void {
    this.#stop?.()
    this.#stop = null
  }

  get #root(): HTMLElement {
    return this.#host.ownerDocument.documentElement
  }

  #take(theme: Theme): void {
    this.#current = theme
    this.#host.requestUpdate()
  }
}
