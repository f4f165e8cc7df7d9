import { setTimeout as pause } from 'node:timers/promises'
import { connect } from '@coscribe/client'
import { LevelStore, type Append } from '@coscribe/storage'
import { WebSocket } from 'ws'
import * as Y from 'yjs'
import { stockProvider } from './clients.js'
import { eventually } from './eventually.js'
import { RawClient } from './raw-client.js'
import { tokenFor } from './tokens.js'
import { textOf, typed } from './typed-text.js'

/** Ways to be connected that somebody can be put out of. */
export const kinds = ['coscribe.v1', 'y-websocket', 'our client', 'a stock client'] as const
export type Kind = (typeof kinds)[number]

/** LevelDB, and when it had what. */
export class TimedStore extends LevelStore {
  /** Clients of yjs that wrote something, with the moment at which it was on disk. */
  readonly commits: { readonly client: number; readonly at: number }[] = []

  override async append(batch: readonly Append[]): Promise<void> {
    await super.append(batch)
    const at = performance.now()
    for (const update of batch.flatMap(({ updates }) => updates)) {
      for (const { id } of Y.decodeUpdate(update).structs)
        this.commits.push({ client: id.client, at })
    }
  }
}

/** Somebody who types and does not stop. */
class Victim {
  readonly doc: Y.Doc
  /** Moments of their keystrokes, by number. */
  readonly typedAt: number[] = []
  readonly isOut: () => boolean
  readonly #change: (change: (doc: Y.Doc) => void) => void
  readonly #leave: () => void
  #ready: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(kind: Kind, url: string, id: string, token: string) {
    if (kind === 'our client') {
      const room = connect({ url, doc: id, token, WebSocket })
      this.doc = room.ydoc
      this.isOut = () =>
        room.status.connection === 'closed' && room.status.error?.code === 'forbidden'
      this.#change = (change) => change(this.doc)
      this.#leave = () => room.destroy()
    } else if (kind === 'a stock client') {
      this.doc = new Y.Doc()
      const protocols = ['y-websocket', `coscribe.token.${token}`]
      const ws = url.replace('http', 'ws')
      const provider = stockProvider('y-websocket 3.1.0', ws, id, this.doc, { protocols })
      this.isOut = () => !provider.wsconnected && !provider.shouldConnect
      this.#change = (change) => change(this.doc)
      this.#leave = () => provider.destroy()
    } else {
      const client = new RawClient(url, id, kind, undefined, { token })
      this.doc = client.doc
      this.isOut = () => client.ending?.code === 4403
      this.#change = (change) => void client.edit(change)
      this.#leave = () => client.close()
      this.#ready = client.open().then(() => client.sync())
    }
  }

  async type(): Promise<void> {
    await this.#ready
    while (!this.#stopped) {
      const n = this.typedAt.push(performance.now())
      this.#change(typed(`<${n}>`))
      // Some keystrokes arrive together and some do not.
      await pause(5 * (n % 3))
    }
  }

  /** Waits for so many keystrokes more. */
  async types(more: number): Promise<void> {
    const until = this.typedAt.length + more
    await eventually('typing', () => this.typedAt.length >= until)
  }

  stop(): void {
    this.#stopped = true
  }

  leave(): void {
    this.#leave()
  }
}

/** Long after everything else of a run. */
const TOLD_MS = 15_000

/** What became of somebody who was put out while they typed. */
export interface Outcome {
  /** What of it must not be. */
  readonly wrong: readonly string[]
  /** Between the call and the last keystroke that was taken, in milliseconds; below 0 if that came before. */
  readonly lastTakenMs: number
  /** Between the call and its answer, in milliseconds. */
  readonly answeredMs: number
}

/** Lets somebody type, has them put out by `act`, and looks at what of theirs is committed after its answer. */
export async function putOut(
  { url, store }: { readonly url: string; readonly store: TimedStore },
  kind: Kind,
  name: string,
  act: (subject: string, documentId: string) => Promise<unknown>,
  toldMs = TOLD_MS,
): Promise<Outcome> {
  const token = await tokenFor(name, { [name]: 'write' }, { jti: `id-${name}` })
  const graces = { token: await tokenFor('grace', { [name]: 'write' }) }
  const witness = await RawClient.joined(url, name, 'coscribe.v1', graces)
  const victim = new Victim(kind, url, name, token)
  const typing = victim.type()
  await witness.until(() => textOf(witness).includes('<10>'))

  const calledAt = performance.now()
  await act(name, name)
  const answeredAt = performance.now()

  await victim.types(10)
  const again = new RawClient(url, name, 'y-websocket', undefined, { token })
  await again.until(() => again.count('sync-step-2') + again.count('sync-step-1') > 0)
  again.edit(typed('again'))
  // All that came before it is on disk when this is.
  witness.edit((doc) => doc.getText('t').insert(0, 'w'))
  await witness.until(() => witness.acked === 1)

  victim.stop()
  await typing
  const wrong: string[] = []
  const late = store.commits.filter(
    ({ client, at }) => client === victim.doc.clientID && at > answeredAt,
  )
  if (late.length > 0) wrong.push(`${late.length} edits were committed after the answer`)
  if (again.ending?.code !== 4403) wrong.push('the credential lets in again')
  await eventually('told', victim.isOut, toldMs).catch(() => wrong.push('they were not told'))
  const taken =
    textOf(witness)
      .match(/<\d+>/g)
      ?.map((text) => Number(text.slice(1, -1))) ?? []
  victim.leave()
  for (const client of [again, witness]) client.close()
  return {
    wrong,
    lastTakenMs: (victim.typedAt[Math.max(...taken) - 1] ?? Infinity) - calledAt,
    answeredMs: answeredAt - calledAt,
  }
}
