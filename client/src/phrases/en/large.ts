import { megabytes } from './size.js'

/** What is too large to be taken. */
export const large = {
  tooLarge: (bytes: number, freeBytes: number) =>
    `Not inserted: it has ${megabytes(bytes)} MB, and the document may grow by ${megabytes(freeBytes)} MB only. Nothing was changed.`,
  documentFull:
    'Not inserted: the document is as large as it may be. You can still delete. Nothing was changed.',
}
