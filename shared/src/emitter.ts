/** Stops a subscription; calling it twice is harmless. */
export type Off = () => void

/** Typed events. `Events` maps each event's name to the value its listeners receive. */
export class Emitter<Events> {
  readonly #listeners = new Map<keyof Events, Set<(value: never) => void>>()

  /** Calls `listener` for every later `name` event, in order of subscription. */
  on<Name extends keyof Events>(name: Name, listener: (value: Events[Name]) => void): Off {
    const listeners = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, listeners)
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  /**
   * Delivers to a copy of the listeners, so that one may unsubscribe itself or another while it runs.
   * A listener that throws does not keep the others from being called; its error surfaces afterwards.
   */
  emit<Name extends keyof Events>(name: Name, value: Events[Name]): void {
    const errors: unknown[] = []
    const listeners = Array.from(this.#listeners.get(name) ?? [])
    for (const listener of listeners) {
      try {
        listener(value as never)
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length === 1) throw errors[0]
    if (errors.length > 1) throw new AggregateError(errors, `listeners of ${String(name)} threw`)
  }

  /** Forgets every listener. */
  clear(): void {
    this.#listeners.clear()
  }
}
