/** Something that a registry prints: its value is read when it is asked for. */
interface Entry {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
  readonly lines: () => Iterable<string>
}

/** A number that only grows, in total or by the values of one label, which are given beforehand. */
export class Counter<Value extends string> {
  readonly #totals: Map<Value, number>

  constructor(values: readonly Value[]) {
    this.#totals = new Map(values.map((value) => [value, 0]))
  }

  /** A label that was not named beforehand is not counted: no peer can make the list longer. */
  add(value: Value, amount = 1): void {
    const before = this.#totals.get(value)
    if (before !== undefined) this.#totals.set(value, before + amount)
  }

  of(value: Value): number {
    return this.#totals.get(value) ?? 0
  }

  [Symbol.iterator](): Iterator<[Value, number]> {
    return this.#totals.entries()
  }
}

/** The numbers of a server, in the text format of Prometheus (version 0.0.4). */
export class Registry {
  readonly #entries: Entry[] = []

  /** A counter whose parts are told apart by one label with these values. */
  counter<Value extends string>(
    name: string,
    help: string,
    label: string,
    values: readonly Value[],
  ): Counter<Value> {
    const counter = new Counter(values)
    const lines = function* (): Generator<string> {
      for (const [value, total] of counter) yield `${name}{${label}="${value}"} ${total}`
    }
    this.#entries.push({ name, type: 'counter', help, lines })
    return counter
  }

  /** A number that somebody else keeps and that only grows. */
  total(name: string, help: string, read: () => number): void {
    this.#entries.push({ name, type: 'counter', help, lines: () => [`${name} ${read()}`] })
  }

  /** A number that somebody else keeps. */
  gauge(name: string, help: string, read: () => number): void {
    this.#entries.push({ name, type: 'gauge', help, lines: () => [`${name} ${read()}`] })
  }

  print(): string {
    const lines = this.#entries.flatMap(({ name, type, help, lines: values }) => [
      `# HELP ${name} ${help}`,
      `# TYPE ${name} ${type}`,
      ...values(),
    ])
    return `${lines.join('\n')}\n`
  }
}
