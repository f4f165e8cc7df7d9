// Imported before anything else, so that by the time that any other code runs the address holds no token any more.
import { takeInvite } from './invite.js'

/** The token of the invite link that led here, or `null`. */
export const arrivalToken: string | null = takeInvite(location, history)
