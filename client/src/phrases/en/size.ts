const format = new Intl.NumberFormat('en', {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
})

/** Bytes as millions of them, with one decimal. */
export function megabytes(bytes: number): string {
  return format.format(bytes / 1_000_000)
}
