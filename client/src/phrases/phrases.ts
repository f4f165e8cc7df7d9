import type { englishElements } from './en/elements.js'
import type { english } from './en/index.js'

/**
 * Every word of ours that people read, in one language: strings, and functions of what stands in them. A dictionary
 * imports nothing but its areas: what it shared with the page would become one more file that the first load waits for.
 */
export type Phrases = typeof english

/** The words of the elements alone, for whoever has only them. */
export type ElementPhrases = typeof englishElements
