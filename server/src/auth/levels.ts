import type { Access } from '@coscribe/shared'

/** What a session may do, weakest first. */
const levels: readonly Access[] = ['none', 'read', 'comment', 'write', 'admin']

export function isAccess(value: unknown): value is Access {
  return (levels as readonly unknown[]).includes(value)
}

/** Whether an access is at least this much. */
export function reaches(access: Access, level: Access): boolean {
  return levels.indexOf(access) >= levels.indexOf(level)
}

/** The weaker of two. */
export function lower(one: Access, other: Access): Access {
  return levels.indexOf(one) <= levels.indexOf(other) ? one : other
}
