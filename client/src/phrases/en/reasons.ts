import type { Reasons } from '../reasons.js'

/** None: what the server says is English, and more exact. */
export const reasons: Reasons = {}
