import type { Access } from '@coscribe/shared'
import type { Identity } from '../../auth/authenticator.js'
import type { Fields, ValuesOf } from './fields.js'
import type { Problem } from './problem.js'

/** A right to the document that a request names. */
export interface DocumentAccess {
  readonly atLeast: Exclude<Access, 'none'>
  /** The parameter of the path, or else the field of the body, that holds the document's id. */
  readonly documentIn: string
}

/** What a handler is given, when everything that the route demands is checked. */
interface ApiCall<Body extends Fields = Fields, Who extends Identity | null = Identity> {
  /** Whoever asks; `null` for routes that are anybody's. */
  readonly identity: Who
  /** What they may do with the document that the route names; `none` where it names none. */
  readonly access: Access
  /** The credential that says so. For routes that are anybody's, those that were sent on purpose, unverified. */
  readonly credentials: readonly string[]
  /** The one that came as a cookie, unverified; `null` when something was sent on purpose. */
  readonly cookie: string | null
  /** Where the request comes from. */
  readonly address: string
  /** By their names in the path's pattern, decoded. */
  readonly parameters: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: ValuesOf<Body>
  /** Whether the page that asks was loaded by https, or would be. */
  readonly secure: boolean
}

/** A request that was done; one that was not is answered by a {@link Problem}. */
export interface ApiAnswer {
  readonly status: number
  /** Becomes JSON; absent for an answer without a body. */
  readonly value?: unknown
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
}

interface Route<Body extends Fields, Who extends Identity | null> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below `/api/v1`, such as `/sessions/{id}`; a name in braces stands for one segment. HEAD goes with GET. */
  readonly path: `/${string}`
  /** What its body holds, or `null` when it has none. */
  readonly body: Body | null
  /** Called last, after every check. A rejection is logged and answered with 500. */
  handle(call: ApiCall<Body, Who>): Promise<ApiAnswer | Problem> | ApiAnswer | Problem
}

/** Anybody may call it, or the handler itself looks at what credentials came. */
interface OpenRoute<Body extends Fields = Fields> extends Route<Body, null> {
  readonly access: 'anybody'
}

/** Only who has a valid credential may call it, or who has a right to the document in question. */
interface GuardedRoute<Body extends Fields = Fields> extends Route<Body, Identity> {
  readonly access: 'identified' | DocumentAccess
  /** Where nobody is asked who they are, anybody may call it, as somebody without a subject who administers everything. */
  readonly withoutAuthentication?: true
}

/** One thing that the API does. */
export type ApiRoute = OpenRoute | GuardedRoute

/** A route as it stands, with the types of its body taken from its fields. */
export function route<const Body extends Fields>(definition: GuardedRoute<Body>): ApiRoute {
  return definition
}

/** As {@link route}, for anybody. */
export function openRoute<const Body extends Fields>(definition: OpenRoute<Body>): ApiRoute {
  return definition
}
