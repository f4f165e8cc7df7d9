/** Whose copy of which document. */
interface KeyParts {
  /** The server's address, as given to `connect`. */
  readonly url: string
  readonly doc: string
  readonly user?: string
}

/** What a copy is kept under; what all of one person's copies of a server's documents begin with, when `doc` is empty. */
export function documentKey({ url, doc, user }: KeyParts): string {
  const base = (globalThis as { location?: { href: string } }).location?.href
  const { host, pathname } = new URL(url, base)
  // Neither part contains a line break once the address is written out.
  const key = `${host}${pathname}\n${doc}`
  // No host begins with a quote, and no line break is left in what does.
  return user === undefined ? key : `${JSON.stringify(user)}\n${key}`
}
