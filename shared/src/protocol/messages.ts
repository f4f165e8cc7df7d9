/**
 * Every message, one union per direction.
 *
 * The first group is what y-websocket speaks, byte for byte (y-protocols `sync.js`, `awareness.js`, `auth.js`). The
 * others exist only in `coscribe.v1`, where each frame starts with a channel number, so that one socket carries
 * several documents. Byte arrays in messages are views of the frame they came in.
 */

/** What a session may do with a document, weakest first. `comment` acts as `read` until comments exist. */
export type Access = 'none' | 'read' | 'comment' | 'write' | 'admin'

/** Messages of the y-websocket dialect, in both directions. */
export type SyncMessage =
  /** "This is my state vector; send me what I lack." */
  | { readonly type: 'sync-step-1'; readonly stateVector: Uint8Array }
  /** The answer to a step 1, always the last frame of it: a stock client counts as synced from here. */
  | { readonly type: 'sync-step-2'; readonly update: Uint8Array }
  | { readonly type: 'update'; readonly update: Uint8Array }
  /** An awareness update: count, then client id, clock and JSON (or `null`) each. */
  | { readonly type: 'presence'; readonly update: Uint8Array }
  | { readonly type: 'query-presence' }

/** A y-websocket auth message: only servers send it, and only to refuse. */
export interface AuthDenied {
  readonly type: 'auth-denied'
  readonly reason: string
}

/** How far a session had come: it has received everything up to `seq` of this incarnation of this history. */
export interface ResumePoint {
  readonly historyId: string
  readonly incarnation: string
  readonly seq: number
}

/** Limits the client has to know, in bytes. */
export interface SessionLimits {
  readonly messageBytes: number
  readonly documentBytes: number
  readonly presenceBytes: number
}

/** Messages only a `coscribe.v1` client sends. */
export type CoscribeRequest =
  /** Opens a document on a channel that is not in use. */
  | {
      readonly type: 'open'
      readonly version: number
      readonly documentId: string
      /** The secret of an earlier hello, which proves that this is the same anonymous principal; or empty. */
      readonly secret: string
      /** The history this replica holds, or empty if it holds none. */
      readonly historyId: string
      readonly resume: ResumePoint | null
    }
  /** A credential, at the start or to refresh a session in-band. */
  | { readonly type: 'auth'; readonly credential: string }
  /** Gives the document another title; the server answers with `renamed`. */
  | { readonly type: 'rename'; readonly title: string }
  /** Leaves the document; the server answers with `closed`. */
  | { readonly type: 'leave' }

/** Messages only a `coscribe.v1` server sends. */
export type CoscribeResponse =
  | {
      readonly type: 'hello'
      readonly version: number
      readonly sessionId: string
      readonly secret: string
      readonly historyId: string
      readonly incarnation: string
      readonly access: Access
      /** Why the document cannot be written: a code of errors.ts for programs and a sentence for people; or empty. */
      readonly code: string
      readonly reason: string
      /** Whether the resume point was taken; if not, the client sends a step 1. */
      readonly resumed: boolean
      readonly limits: SessionLimits
    }
  /** The first `count` sync-step-2 and update messages of this session are on disk, or were rejected. */
  | { readonly type: 'ack'; readonly count: number }
  /** Message number `count` (1 is the session's first sync-step-2 or update) was not taken. */
  | {
      readonly type: 'rejected'
      readonly count: number
      readonly code: string
      readonly message: string
    }
  /** What this session may do changed; `code` and `reason` as in hello. */
  | {
      readonly type: 'access'
      readonly access: Access
      readonly code: string
      readonly reason: string
    }
  /** What the document is called, at the start of a session and whenever that has changed; empty is untitled. */
  | { readonly type: 'info'; readonly title: string }
  /** What became of rename number `count` of this session: done, where the code is empty, after the `info` of it. */
  | {
      readonly type: 'renamed'
      readonly count: number
      readonly code: string
      readonly message: string
    }
  /** Everything up to this committed number has been sent to this session. */
  | { readonly type: 'resume-point'; readonly seq: number }
  /** The channel is closed, with a code of close-codes.ts. */
  | { readonly type: 'closed'; readonly code: number; readonly reason: string }
  /** The server is about to close the socket; reconnect after this delay. */
  | { readonly type: 'going-away'; readonly delayMs: number }

/** Liveness of a socket; sent on channel 0, and answered by the other side whoever asks. */
export type Heartbeat = { readonly type: 'ping' } | { readonly type: 'pong' }

export type ClientMessage = SyncMessage | CoscribeRequest | Heartbeat
export type ServerMessage = SyncMessage | AuthDenied | CoscribeResponse | Heartbeat
