/** What an application knows of one of its users. Each field is checked; one that cannot be is as if it were not there. */
export interface ResolvedUser {
  /** Shown instead of the name that they claim; cut at 40 characters. */
  readonly name?: string | undefined
  /** The address of a square picture: `https:`, `http:`, `blob:` or `data:image/…`, or relative to the page. */
  readonly avatar?: string | undefined
  /** Their hue instead of the one they claim: 0 … 15, in steps of 22.5 degrees. */
  readonly hue?: number | undefined
}

/** Ended when the answer would be of no use any more: it took too long, or the editor is gone. */
export interface UsersRequest {
  readonly signal: AbortSignal
}

/** One for each id, in their order; what is no object is somebody of whom nothing is known. */
export type ResolvedUsers = readonly (ResolvedUser | null | undefined)[]

/**
 * Says who people are, by the ids that a server vouches for, or, where nobody is asked who they are, that they give
 * themselves. Called with at most 100 ids at once and never while a call is running; an id is asked about once, and
 * again after `refreshUsers`. When it rejects, or has not answered after ten seconds, people are shown as they say
 * themselves, and it is tried again, later each time.
 */
export type ResolveUsers = (
  ids: readonly string[],
  request: UsersRequest,
) => ResolvedUsers | Promise<ResolvedUsers>

/** What is known of a person, checked. */
export interface UserLook {
  readonly name?: string
  readonly hue?: number
  readonly avatar?: string
}

/** What {@link ResolveUsers} said of people, who are named as `personOf` has them. */
export interface KnownUsers {
  /** What is known of somebody. */
  of(person: string): UserLook | undefined
  /** Whether it may turn out in a moment who somebody is. */
  isAwaited(person: string): boolean
  /** Asks again about these people, or all that are known; until there is an answer, what is known stays. */
  refresh(ids?: readonly string[]): void
}
