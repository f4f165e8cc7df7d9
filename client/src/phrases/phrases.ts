import type { english } from './en/index.js'

/**
 * Every word of ours that people read, in one language: strings, and functions of what stands in them. A dictionary
 * imports nothing but its areas: what it shared with the page would become one more file that the first load waits for.
 */
export type Phrases = typeof english
