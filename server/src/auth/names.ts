/** Longest subject or token id, in UTF-16 units: it is kept with what its bearer makes, and counted by. */
export const MAX_SUBJECT_LENGTH = 255

/** Whether a value can name somebody, or a token. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_SUBJECT_LENGTH
}
