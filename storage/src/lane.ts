/** Runs tasks one after the other, in the order they came. A task that fails does not stop the next. */
export class Lane {
  #last: Promise<unknown> = Promise.resolve()

  run<Value>(task: () => Promise<Value>): Promise<Value> {
    const result = this.#last.then(task)
    this.#last = result.catch(() => undefined)
    return result
  }
}
