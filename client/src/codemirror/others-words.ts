import { Facet } from '@codemirror/state'
import { others } from '../phrases/en/others.js'
import type { Phrases } from '../phrases/phrases.js'

/** What an editor says of others: the part `others` of a dictionary. */
export type OthersWords = Phrases['others']

/** The words in which an editor tells what others do; English by default. */
export const othersWords = Facet.define<OthersWords, OthersWords>({
  combine: (values) => values[0] ?? others,
})
