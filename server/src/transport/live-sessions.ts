import type { Access } from '@coscribe/shared'
import type { Channel } from './channels.js'
import type { Connection } from './connection.js'
import type { Refusal } from './refusal.js'

/** A session that is open, and where it comes from. */
export interface LiveSession extends Channel {
  readonly connection: Connection
}

/** What may be told of a session. */
export interface SessionInfo {
  readonly id: string
  /** Whose it is; empty where nobody is asked. */
  readonly subject: string
  /** Names the credential that it goes by; empty if that has no name. */
  readonly tokenId: string
  readonly documentId: string
  readonly access: Access
  /** Wall-clock milliseconds at which the credential ends; `null` where there is none. */
  readonly expiresAt: number | null
  /** The address of the other end of the socket. */
  readonly address: string
}

/**
 * The sessions of a server. They are looked for among the connections each time: who is looked for is one of many, and
 * an index would cost memory for every one of them.
 */
export class LiveSessions {
  readonly #connections: ReadonlySet<Connection>

  constructor(connections: ReadonlySet<Connection>) {
    this.#connections = connections
  }

  *[Symbol.iterator](): Generator<LiveSession> {
    for (const connection of this.#connections) {
      if (!connection.isOpen) continue
      for (const { documentId, session, tenure } of connection.sessions) {
        yield { connection, documentId, session, tenure }
      }
    }
  }

  find(sessionId: string): LiveSession | null {
    for (const live of this) if (live.session.sessionId === sessionId) return live
    return null
  }
}

/** Puts a session out. In the same turn it has left its room, and nothing more is taken from it. */
export function evict({ connection, session }: LiveSession, refusal: Refusal): void {
  connection.evict(session, refusal)
}

export function infoOf({ connection, documentId, session, tenure }: LiveSession): SessionInfo {
  const identity = tenure?.identity ?? null
  return {
    id: session.sessionId,
    subject: identity?.subject ?? '',
    tokenId: identity?.tokenId ?? '',
    documentId,
    access: session.access,
    expiresAt: identity?.expiresAt ?? null,
    address: connection.address,
  }
}
