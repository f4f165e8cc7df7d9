/** One figure and what it is held against, from the same run. */
export interface Row {
  readonly what: string
  readonly floor: string
  /** Milliseconds. */
  readonly ours: readonly number[]
  readonly base: readonly number[]
  /** What the ratio must not exceed, or `null` when it is told for information. */
  readonly limit: number | null
}

/** Prints the rows as a Markdown table. Returns whether all are within their limits. */
export function print(rows: readonly Row[]): boolean {
  console.log('| what | ours | floor | ratio | limit |\n| --- | --- | --- | --- | --- |')
  for (const row of rows) {
    const floor = `${ms(row.base)} (${row.floor})`
    const limit = row.limit === null ? '' : row.limit.toFixed(1)
    console.log(
      `| ${row.what} | ${ms(row.ours)} | ${floor} | ${ratio(row).toFixed(2)} | ${limit} |`,
    )
  }
  return rows.every((row) => row.limit === null || ratio(row) <= row.limit)
}

function ratio({ ours, base }: Row): number {
  return middle(ours) / middle(base)
}

/** The median: a machine that hiccups is nobody's cost. */
function middle(samples: readonly number[]): number {
  return quantile(samples, 0.5)
}

function quantile(samples: readonly number[], fraction: number): number {
  return [...samples].sort((a, b) => a - b)[Math.floor(samples.length * fraction)] ?? Number.NaN
}

function ms(samples: readonly number[]): string {
  return `${middle(samples).toFixed(1)} ms, p95 ${quantile(samples, 0.95).toFixed(1)}`
}
