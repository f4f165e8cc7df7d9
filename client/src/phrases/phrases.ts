import type { english } from './en/index.js'

/** Every word of ours that people read, in one language: strings, and functions of what stands in them. */
export type Phrases = typeof english
