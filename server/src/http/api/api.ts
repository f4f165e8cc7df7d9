import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Access } from '@coscribe/shared'
import type { Identity } from '../../auth/authenticator.js'
import {
  arrivingCredentials,
  credentialsOf,
  isAmbient,
  valueOf,
  type Credential,
} from '../../transport/credentials.js'
import { isLoopbackHostHeader } from '../../transport/loopback.js'
import { isOriginTrusted } from '../../transport/origins.js'
import { isRefusal } from '../../transport/refusal.js'
import type { RequestTarget } from '../../transport/request-target.js'
import { respond } from '../respond.js'
import type { ApiAnswer, ApiRoute, DocumentAccess } from './api-route.js'
import type { ApiParts } from './api-parts.js'
import { Bodies, hasBody } from './body.js'
import { corsHeaders, preflightHeaders } from './cors.js'
import { accessToDocument, ANYBODY } from './document-access.js'
import type { FieldValues } from './fields.js'
import {
  isProblem,
  NOBODY_IS_ASKED,
  problemDocument,
  problemOf,
  statusOf,
  type Problem,
} from './problem.js'
import { Refusable, RefusedRequests } from './refused-requests.js'
import { allowed, RouteTable, type Found } from './route-table.js'

/** Where the API is. */
export const API_PATH = '/api/'
const VERSION_PATH = '/api/v1'

const POLICY = "default-src 'none'; frame-ancestors 'none'"

type Outcome = ApiAnswer | Problem

interface Asked {
  readonly request: IncomingMessage
  readonly target: RequestTarget
  /** Checked; `undefined` for what is no page. */
  readonly origin: string | undefined
  /** What is known of it so far, in case it is refused. */
  readonly refusable: Refusable
}

/** What is needed whatever the route. */
type OwnParts = Pick<
  ApiParts,
  'gate' | 'rules' | 'audit' | 'proxies' | 'clock' | 'logger' | 'cookies' | 'bodyTimeoutMs'
>

/**
 * Everything below `/api/`. Each request goes the same way, and stops at the first step that refuses it:
 *
 *     limits → Origin → route → one credential → verify → body → right to the document → handler
 */
export class Api {
  readonly #parts: OwnParts
  readonly #table: RouteTable
  readonly #bodies: Bodies
  readonly #refusals: RefusedRequests

  constructor(parts: OwnParts, routes: readonly ApiRoute[]) {
    this.#parts = parts
    this.#table = new RouteTable(routes)
    this.#bodies = new Bodies({ clock: parts.clock, timeoutMs: parts.bodyTimeoutMs })
    this.#refusals = new RefusedRequests(parts.audit, parts.proxies)
  }

  /** Answers a request that passed the checks of every request. Never throws. */
  respond(target: RequestTarget, request: IncomingMessage, response: ServerResponse): void {
    const { origin } = request.headers
    if (origin !== undefined && !isOriginTrusted(origin, target.host, this.#parts.rules)) {
      this.#refusals.note(request, FOREIGN, new Refusable())
      return this.#send(request, response, FOREIGN, undefined)
    }
    const refusable = new Refusable()
    void this.#outcome({ request, target, origin, refusable }).then((outcome) =>
      this.#send(request, response, outcome, origin),
    )
  }

  async #outcome(asked: Asked): Promise<Outcome> {
    try {
      const outcome = await this.#route(asked)
      if (isProblem(outcome)) this.#refusals.note(asked.request, outcome, asked.refusable)
      return outcome
    } catch (error) {
      const { method } = asked.request
      this.#parts.logger.error({ err: error, method }, 'a request to the API failed')
      return { problem: 'internal', detail: 'try again; the log of the server says more' }
    }
  }

  #route(asked: Asked): Promise<Outcome> | Outcome {
    const found = this.#find(asked.target.path)
    if (found === null) return NOT_FOUND
    const method = asked.request.method ?? ''
    const methods = allowed(found)
    if (method === 'OPTIONS') {
      return { status: 204, headers: { Allow: methods, ...preflightHeaders(methods) } }
    }
    const route = found.byMethod.get(method === 'HEAD' ? 'GET' : method)
    if (route !== undefined) return this.#admit(asked, found, route)
    const detail = `only ${methods} are possible here`
    return { problem: 'method-not-allowed', detail, headers: { Allow: methods } }
  }

  #find(path: string): Found | null {
    const [withoutQuery = ''] = path.split('?', 1)
    if (!withoutQuery.startsWith(`${VERSION_PATH}/`)) return null
    return this.#table.find(withoutQuery.slice(VERSION_PATH.length))
  }

  async #admit(asked: Asked, found: Found, route: ApiRoute): Promise<Outcome> {
    const { headers } = asked.request
    const { rules, cookies, gate } = this.#parts
    asked.refusable.route = `${route.method} ${route.path}`
    const explicit = credentialsOf(headers)
    const credentials = arrivingCredentials(explicit, headers, {
      rules,
      cookies,
      host: asked.target.host,
      originOptional: route.method === 'GET',
    })
    if (credentials === null) return COOKIE_ALONE
    if (route.access === 'anybody') return this.#call(asked, found, route, null, credentials)
    asked.refusable.anonymous = credentials.length === 0
    if (gate.isOpen) {
      if (route.withoutAuthentication !== true) return NOBODY_IS_ASKED
      return this.#call(asked, found, route, ANYBODY, [])
    }
    const identity = await gate.verify(credentials)
    if (isRefusal(identity)) return problemOf(identity)
    asked.refusable.identity = identity
    return this.#call(asked, found, route, identity, credentials)
  }

  async #call(
    asked: Asked,
    found: Found,
    route: ApiRoute,
    identity: Identity | null,
    arriving: readonly Credential[],
  ): Promise<Outcome> {
    const arrived = await this.#bodies.read(asked.request, route.body)
    if (isProblem(arrived)) return arrived
    const { parameters } = found
    const body = arrived.values
    const query = queryOf(asked.target)
    const { address } = this.#parts.proxies.clientOf(asked.request)
    const credentials = arriving.map(valueOf)
    const [cookie = null] = isAmbient(arriving) ? credentials : []
    const call = { parameters, body, query, secure: isSecure(asked), cookie, address }
    if (route.access === 'anybody') {
      // Whoever signs in anew does not do so by the cookie that is still there.
      const explicit = cookie === null ? credentials : []
      return route.handle({ ...call, identity: null, access: 'none', credentials: explicit })
    }
    if (identity === null) throw new TypeError('only a route that is anybody’s has no identity')
    if (route.access === 'identified') {
      return route.handle({ ...call, identity, access: 'none', credentials })
    }
    const values = { ...body, ...parameters }
    asked.refusable.documentId = String(values[route.access.documentIn] ?? '')
    const access = await this.#accessTo(route.access, identity, values)
    return typeof access === 'string'
      ? route.handle({ ...call, identity, access, credentials })
      : access
  }

  #accessTo(
    { atLeast, documentIn }: DocumentAccess,
    identity: Identity,
    values: FieldValues,
  ): Promise<Access | Problem> {
    const documentId = String(values[documentIn] ?? '')
    return accessToDocument(this.#parts.gate, identity, documentId, atLeast)
  }

  #send(
    request: IncomingMessage,
    response: ServerResponse,
    outcome: Outcome,
    origin: string | undefined,
  ): void {
    if (response.destroyed) return
    const headers = {
      'Content-Security-Policy': POLICY,
      ...corsHeaders(origin),
      ...outcome.headers,
      // What is left of the body is not waited for.
      ...(hasBody(request) && !request.complete ? { Connection: 'close' } : {}),
    }
    if (isProblem(outcome)) sendProblem(response, outcome, headers)
    else sendAnswer(response, outcome, headers)
  }
}

type Headers = Readonly<Record<string, string | readonly string[]>>

function sendAnswer(
  response: ServerResponse,
  { status, value }: ApiAnswer,
  headers: Headers,
): void {
  const body = value === undefined ? '' : `${JSON.stringify(value)}\n`
  respond(response, status, 'application/json; charset=utf-8', body, headers)
}

/** A problem as the answer to a request. */
export function sendProblem(response: ServerResponse, problem: Problem, headers: Headers): void {
  const status = statusOf(problem)
  const challenge = status === 401 ? { 'WWW-Authenticate': 'Bearer realm="coscribe"' } : {}
  const body = `${JSON.stringify(problemDocument(problem))}\n`
  respond(response, status, 'application/problem+json', body, { ...headers, ...challenge })
}

const FOREIGN: Problem = Object.freeze({
  problem: 'foreign-origin',
  detail: 'the operator can name the site with --allowed-origins',
})
const COOKIE_ALONE: Problem = Object.freeze({
  problem: 'foreign-origin',
  detail:
    'a cookie needs the Origin of a page beside it; programs send Authorization: Bearer <token>',
})
const NOT_FOUND: Problem = Object.freeze({
  problem: 'not-found',
  detail: `there is no such path below ${VERSION_PATH}`,
})

function queryOf({ path }: RequestTarget): URLSearchParams {
  const start = path.indexOf('?')
  return new URLSearchParams(start < 0 ? '' : path.slice(start + 1))
}

/**
 * The browser says by the Origin what the page was loaded by, whatever proxies are in between. Where nobody says so, the
 * answer is the careful one.
 */
function isSecure({ origin, target }: Asked): boolean {
  return origin === undefined ? !isLoopbackHostHeader(target.host) : origin.startsWith('https:')
}
