/** Runs tasks one after the other, in the order they came. A task that fails does not stop the next. */
export class Lane {
  /** The last task's end. Not its result: nobody should have to keep that until the next task. */
  #last: Promise<void> = Promise.resolve()

  run<Value>(task: () => Promise<Value>): Promise<Value> {
    const result = this.#last.then(task)
    this.#last = result.then(ended, ended)
    return result
  }
}

function ended(): void {}
