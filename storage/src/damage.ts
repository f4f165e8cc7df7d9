/** Stored bytes that are not what was stored. Becomes a `document-unavailable` at the store's surface. */
export class Damage extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'Damage'
  }
}
