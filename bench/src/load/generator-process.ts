import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { LoadName, LoadOf, PlanOf, Reply, Request } from './generator.js'

type Method<Load> = {
  [Name in keyof Load]: Load[Name] extends (...args: never[]) => unknown ? Name : never
}[keyof Load]

type ArgsOf<Value> = Value extends (...args: infer Args) => unknown ? Args : never
type ResultOf<Value> = Value extends (...args: never[]) => infer Result ? Awaited<Result> : never

interface Waiting {
  resolve(result: unknown): void
  reject(error: Error): void
}

/** A load in a process of its own, so that making it is not charged to anybody else. */
export class GeneratorProcess<Name extends LoadName> {
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0

  private constructor() {
    this.#child = fork(fileURLToPath(new URL('./generator.js', import.meta.url)))
    this.#child.on('message', (reply: Reply) => this.#settle(reply))
    this.#child.on('exit', () => {
      for (const waiting of this.#waiting.values()) {
        waiting.reject(new Error('the generator ended'))
      }
      this.#waiting.clear()
    })
  }

  static async start<Name extends LoadName>(
    name: Name,
    plan: PlanOf<Name>,
  ): Promise<GeneratorProcess<Name>> {
    const generator = new GeneratorProcess<Name>()
    await generator.#ask((id) => ({ id, make: name, plan }))
    return generator
  }

  /** Calls a method of the load over there. */
  call<Called extends Method<LoadOf<Name>>>(
    method: Called,
    ...args: ArgsOf<LoadOf<Name>[Called]>
  ): Promise<ResultOf<LoadOf<Name>[Called]>> {
    const asked = this.#ask((id) => ({ id, call: String(method), args }))
    return asked as Promise<ResultOf<LoadOf<Name>[Called]>>
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }

  #ask(request: (id: number) => Request): Promise<unknown> {
    const id = ++this.#lastId
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#child.send(request(id))
    })
  }

  #settle(reply: Reply): void {
    const waiting = this.#waiting.get(reply.id)
    this.#waiting.delete(reply.id)
    if ('error' in reply) waiting?.reject(new Error(reply.error))
    else waiting?.resolve(reply.result)
  }
}

/** Makes a load in a process of its own, which ends with the work. */
export async function withLoad<Name extends LoadName, Result>(
  name: Name,
  plan: PlanOf<Name>,
  work: (load: GeneratorProcess<Name>) => Promise<Result>,
): Promise<Result> {
  const load = await GeneratorProcess.start(name, plan)
  try {
    return await work(load)
  } finally {
    await load.stop()
  }
}
