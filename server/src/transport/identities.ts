import type { CloseName } from '@coscribe/shared'
import type { Identity } from '../auth/authenticator.js'
import { isAmbient, NO_CREDENTIALS, type Credential } from './credentials.js'
import type { Expiries, Expiring } from './expiries.js'

/** What is done with a connection that has not said whose it is. */
interface Closable {
  close(name: CloseName, reason: string): void
  /** It is a stranger's from now on, until it is identified. */
  unidentified(): void
}

/** Who speaks on the channels of a connection, where that is asked. */
export class Identities implements Expiring {
  readonly #expiries: Expiries
  readonly #connection: Closable
  readonly #timeoutMs: number
  #credentials: readonly Credential[]
  /** Whether the request to connect was made with a cookie, which gives way to what is sent on purpose. */
  readonly ambient: boolean
  /** Who the request to connect was from. */
  #arrived: Identity | null = null
  /** Of channels that are not open yet. */
  readonly #byChannel = new Map<number, Identity>()
  /** Until when somebody must have said who they are, or `null`. */
  #deadline: number | null = null

  /** @param timeoutMs for the first credential @param credentials what the request to connect brought */
  constructor(
    expiries: Expiries,
    connection: Closable,
    timeoutMs: number,
    credentials: readonly Credential[],
  ) {
    this.#expiries = expiries
    this.#connection = connection
    this.#timeoutMs = timeoutMs
    this.#credentials = credentials
    this.ambient = isAmbient(credentials)
  }

  /** How many channels have an identity and are not open. */
  get waiting(): number {
    return this.#byChannel.size
  }

  /** What the request to connect brought; they are not kept. */
  takeCredentials(): readonly Credential[] {
    const credentials = this.#credentials
    this.#credentials = NO_CREDENTIALS
    return credentials
  }

  arrived(identity: Identity): void {
    this.#arrived = identity
  }

  /** Nobody has said who they are: they have a while to do so. */
  await(): void {
    this.#deadline = this.#expiries.now() + this.#timeoutMs
    this.#expiries.add(this.#deadline, this)
    this.#connection.unidentified()
  }

  /** Somebody has, or the connection is gone. */
  awaitNoMore(): void {
    if (this.#deadline !== null) this.#expiries.delete(this.#deadline, this)
    this.#deadline = null
  }

  /** Who will open this channel. */
  of(channel: number): Identity | null {
    return this.#byChannel.get(channel) ?? this.#arrived
  }

  /** Of which subject a credential for this channel has to be, which is not open yet; `undefined` is any. */
  subjectOf(channel: number): string | undefined {
    return (this.#byChannel.get(channel) ?? (this.ambient ? null : this.#arrived))?.subject
  }

  set(channel: number, identity: Identity): void {
    this.#byChannel.set(channel, identity)
  }

  /** What was set for this channel counts no more. */
  delete(channel: number): void {
    this.#byChannel.delete(channel)
  }

  expired(): void {
    this.#deadline = null
    this.#connection.close('not-authenticated', 'no credential came in time')
  }
}
