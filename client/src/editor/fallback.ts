const CONTROLS = 'textarea, input, select, button'

/** What stands in `<coscribe-editor>` until its text is there: a form field among it must not be sent beside the text. */
export class Fallback {
  readonly #host: HTMLElement
  #stilled: readonly HTMLTextAreaElement[] = []

  constructor(host: HTMLElement) {
    this.#host = host
  }

  /** The text takes the place of the fallback, or gives it back. */
  replaced(isReplaced: boolean): void {
    if (!isReplaced) {
      for (const control of this.#stilled) control.disabled = false
      this.#stilled = []
      return
    }
    const controls = this.#host.querySelectorAll<HTMLTextAreaElement>(
      `:scope > :not([slot]):is(${CONTROLS}), :scope > :not([slot]) :is(${CONTROLS})`,
    )
    const on = [...controls].filter((control) => !control.disabled)
    for (const control of on) control.disabled = true
    this.#stilled = [...this.#stilled, ...on]
  }
}
