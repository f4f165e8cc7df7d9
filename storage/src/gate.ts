/** Lets any number of readers in, or one exclusive task that waits for them and keeps new ones out meanwhile. */
export class Gate {
  #readers = 0
  #closed: Promise<void> | null = null
  #lastLeft: (() => void) | null = null

  async read<Value>(action: () => Promise<Value>): Promise<Value> {
    while (this.#closed !== null) await this.#closed
    this.#readers += 1
    try {
      return await action()
    } finally {
      this.#readers -= 1
      if (this.#readers === 0) this.#lastLeft?.()
    }
  }

  /** Must not be called while another exclusive task waits or runs. */
  async exclusive<Value>(action: () => Promise<Value>): Promise<Value> {
    let reopen: (() => void) | undefined
    this.#closed = new Promise((resolve) => {
      reopen = resolve
    })
    try {
      if (this.#readers > 0) {
        await new Promise<void>((resolve) => {
          this.#lastLeft = resolve
        })
      }
      return await action()
    } finally {
      this.#lastLeft = null
      this.#closed = null
      reopen?.()
    }
  }
}
