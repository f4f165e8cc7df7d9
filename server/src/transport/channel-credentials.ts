import type { Identity } from '../auth/authenticator.js'
import type { Channel, Channels } from './channels.js'
import type { Connection } from './connection.js'
import type { Credential } from './credentials.js'
import type { Gate } from './gate.js'
import { Identities } from './identities.js'
import { isRefusal, type Refusal } from './refusal.js'

const ANOTHER: Refusal = Object.freeze({
  name: 'forbidden',
  reason: 'this is the credential of somebody else',
})

/** Whose channels these are: it ends those that a credential is no good for. */
export interface CredentialOwner {
  readonly channels: Channels
  turnAway(channel: number, refusal: Refusal, identity?: Identity | null, documentId?: string): void
  tooMany(channel: number): void
}

/** Bounds of what a connection may bring. */
export interface CredentialLimits {
  readonly maxChannels: number
  /** How long a connection may take to bring its first credential, in milliseconds. */
  readonly credentialMs: number
}

/**
 * The credentials of one connection: what the request to connect brought is good for all channels, what comes in an
 * `auth` message is its channel's own. While one is verified nothing else is received.
 */
export class ChannelCredentials {
  readonly #gate: Gate
  readonly #connection: Connection
  readonly #maxChannels: number
  readonly #owner: CredentialOwner
  readonly #identities: Identities

  /** @param credentials what the request to connect brought */
  constructor(
    gate: Gate,
    connection: Connection,
    { maxChannels, credentialMs }: CredentialLimits,
    owner: CredentialOwner,
    credentials: readonly Credential[],
  ) {
    this.#gate = gate
    this.#connection = connection
    this.#maxChannels = maxChannels
    this.#owner = owner
    this.#identities = new Identities(gate.expiries, connection, credentialMs, credentials)
  }

  /** The connection is open. */
  opened(): void {
    const credentials = this.#identities.takeCredentials()
    if (credentials.length === 0) return this.#identities.await()
    this.#connection.pause()
    // Never rejects: the gate turns failures into refusals.
    void this.#arrive(credentials)
  }

  /** A message brought one. */
  brought(channel: number, credential: string): void {
    this.#connection.pause()
    void this.#authenticate(channel, credential)
  }

  /** Who opens this channel; what was brought for it counts no more. */
  take(channel: number): Identity | null {
    const identity = this.#identities.of(channel)
    this.#identities.delete(channel)
    return identity
  }

  /** What was brought for this channel counts no more. */
  delete(channel: number): void {
    this.#identities.delete(channel)
  }

  /** The connection is gone. */
  awaitNoMore(): void {
    this.#identities.awaitNoMore()
  }

  /** What may be done on a channel was decided anew, if that is still the one that it was decided for. */
  decided(open: Channel, verdict: Identity | Refusal): void {
    const { documentId, session, tenure } = open
    const channel = session.framing
    if (this.#owner.channels.get(channel) !== open) return
    if (isRefusal(verdict)) {
      return this.#owner.turnAway(channel, verdict, tenure?.identity, documentId)
    }
    const access = this.#gate.admit(verdict, documentId)
    if (isRefusal(access)) return this.#owner.turnAway(channel, access, verdict, documentId)
    tenure?.renew(verdict)
    session.allow(access)
  }

  async #arrive(credentials: readonly Credential[]): Promise<void> {
    const identity = await this.#gate.verify(credentials)
    if (!isRefusal(identity)) {
      if (!this.#connection.identified(identity.subject)) return
      this.#identities.arrived(identity)
    }
    // Nobody sent it on purpose, and a good one may still come.
    else if (this.#identities.ambient && identity.name !== 'internal') this.#identities.await()
    else {
      this.#gate.turnedAway(this.#connection.address, identity)
      return this.#connection.close(identity.name, identity.reason)
    }
    this.#connection.resume()
  }

  async #authenticate(channel: number, credential: string): Promise<void> {
    const identity = await this.#gate.verify([credential])
    if (isRefusal(identity)) this.#owner.turnAway(channel, identity)
    else if (this.#connection.isOpen) await this.#identified(channel, identity)
    this.#connection.resume()
  }

  async #identified(channel: number, identity: Identity): Promise<void> {
    const open = this.#owner.channels.get(channel)
    const subject = open?.tenure?.subject ?? this.#identities.subjectOf(channel) ?? identity.subject
    if (subject !== identity.subject) return this.#owner.turnAway(channel, ANOTHER, identity)
    if (!this.#connection.identified(identity.subject)) return
    this.#identities.awaitNoMore()
    if (open !== undefined) {
      return this.decided(open, await this.#gate.consult(identity, open.documentId))
    }
    if (this.#identities.waiting >= this.#maxChannels) return this.#owner.tooMany(channel)
    this.#identities.set(channel, identity)
  }
}
