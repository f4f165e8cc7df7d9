/** What fills the page: one document, or the list of them. */
export interface Place {
  /** Whether leaving it would lose something. */
  readonly isLosing: boolean
  /** Opens it anew, as whom this tab comes to the server now. */
  again(): void
  /** Takes it from the page; no listener, timer or socket of it stays. */
  end(): void
}

/** How somebody came to a place. */
export interface Arrival {
  /** That of the invite link that led here, or `null`. */
  readonly token: string | null
  /** By a link of this page, so that the focus is nowhere now. */
  readonly fromHere: boolean
  /** To what was nothing before. */
  readonly isNew: boolean
}
