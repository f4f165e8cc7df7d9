import { Facet } from '@codemirror/state'
import type { PeerLook } from './peer-state.js'

/** What an application knows of how a person appears; what is left out is as they say themselves. */
export type KnownLook = Partial<PeerLook>

/** What is known of the people that `personOf` tells apart. */
export type PeerLooks = (person: string) => KnownLook | undefined

/** What an editor knows of people better than they say themselves; another function is asked anew. */
export const peerLooks = Facet.define<PeerLooks, PeerLooks | undefined>({
  combine: (values) => values[0],
})
