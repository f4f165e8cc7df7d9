/** Stands in a text that somebody writes in every test of hostile input. Nothing that a server says may hold it. */
export const CANARY = 'kakariki-3f9b0c52'
