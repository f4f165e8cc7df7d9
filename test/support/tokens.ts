import { createSecretKey } from 'node:crypto'
import type { Access } from '@coscribe/shared'
import { SignJWT } from 'jose'

/** A secret as operators make one. */
export const SECRET = 'q8Zr4Wc1nT6yLx0VbK3mH7dS9fJ2gP5aEuXoRiYwQtM='
export const OTHER_SECRET = 'M2vB8nC5xZ1lK4jH7gF0dS3aP6oI9uY2tR5eW8qLkJhGf='

export interface TokenParts {
  readonly sub?: unknown
  readonly iss?: unknown
  readonly aud?: unknown
  /** Seconds since 1970; in an hour when absent. `undefined` leaves it out, as it does for every claim. */
  readonly exp?: unknown
  readonly nbf?: unknown
  readonly iat?: unknown
  readonly jti?: unknown
  readonly name?: unknown
  readonly documents?: unknown
  readonly prefixes?: unknown
  readonly secret?: string
  readonly header?: Readonly<Record<string, unknown>>
}

export function seconds(fromNow: number): number {
  return Math.floor(Date.now() / 1_000) + fromNow
}

/** A token, good but for what a test says otherwise. */
export function token(parts: TokenParts = {}): Promise<string> {
  const { secret = SECRET, header = {}, ...claims } = parts
  const all = {
    sub: 'ada',
    iss: 'coscribe',
    aud: 'coscribe',
    exp: seconds(3_600),
    documents: { doc: 'write' },
    ...claims,
  }
  const present = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined))
  return new SignJWT(present)
    .setProtectedHeader({ alg: 'HS256', ...header })
    .sign(createSecretKey(Buffer.from(secret)))
}

/** A token for `sub` with this access to one document, or to several. */
export function tokenFor(
  sub: string,
  documents: Readonly<Record<string, Access>>,
  more: TokenParts = {},
): Promise<string> {
  return token({ sub, documents, ...more })
}
