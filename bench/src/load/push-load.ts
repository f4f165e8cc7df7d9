import { loadTrace } from '../trace.js'
import { insertUpdate } from './edits.js'
import { Session, type Address, type SessionListener } from './session.js'

/** One client that brings a whole history, as fast as it is taken. */
export interface PushPlan extends Address {
  /** The history of {@link loadTrace}, or so many characters typed one behind the other. */
  readonly edits: 'trace' | number
}

export interface PushReport {
  readonly edits: number
  /** Until the server had taken all of them: acknowledged from disk, or else answered what came after. */
  readonly seconds: number
}

const AUTHOR = 0x5100_0000
const WRITE_BYTES = 64 * 1024
/** So much may wait for the kernel to take it. */
const UNSENT_BYTES = 1024 * 1024

/** Sends without waiting for anything but the socket. */
export class PushLoad implements SessionListener {
  readonly #plan: PushPlan
  #session: Session | null = null
  #changed: (() => void) | null = null
  #acknowledged = 0
  #lost = ''

  constructor(plan: PushPlan) {
    this.#plan = plan
  }

  async connect(): Promise<void> {
    // Read now, so that it is not part of what is measured.
    if (this.#plan.edits === 'trace') loadTrace()
    this.#session = await new Session(this.#plan, this).ready()
  }

  async push(): Promise<PushReport> {
    const session = this.#session
    if (session === null) throw new Error('not connected')
    const before = performance.now()
    let edits = 0
    let frames: Buffer[] = []
    let bytes = 0
    for (const update of this.#updates()) {
      const frame = session.updateFrame(update)
      frames.push(frame)
      bytes += frame.length
      edits++
      if (bytes < WRITE_BYTES) continue
      await this.#write(session, frames)
      frames = []
      bytes = 0
    }
    await this.#write(session, frames)
    session.sent += edits
    await this.#taken(session)
    return { edits, seconds: (performance.now() - before) / 1_000 }
  }

  acknowledged(_session: Session, count: number): void {
    this.#acknowledged = count
    this.#changed?.()
  }

  lost(_session: Session, reason: string): void {
    this.#lost = reason
    this.#changed?.()
  }

  *#updates(): Generator<Uint8Array> {
    const { edits } = this.#plan
    if (edits === 'trace') yield* loadTrace().updates
    else for (let clock = 0; clock < edits; clock++) yield insertUpdate(AUTHOR, clock)
  }

  async #write(session: Session, frames: readonly Buffer[]): Promise<void> {
    session.socket.sendFrames(Buffer.concat(frames))
    while (session.socket.unsentBytes > UNSENT_BYTES && this.#lost === '') {
      await session.socket.drained()
    }
    if (this.#lost !== '') throw new Error(this.#lost)
  }

  async #taken(session: Session): Promise<void> {
    if (this.#plan.dialect !== 'coscribe.v1') return session.answered()
    while (this.#acknowledged < session.sent) {
      if (this.#lost !== '') throw new Error(this.#lost)
      await new Promise<void>((resolve) => (this.#changed = resolve))
    }
  }
}
