/** What a scenario found, ready to be printed. */
export interface Table {
  readonly title: string
  /** One line about what was done, and in which units. */
  readonly about: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** The table in Markdown, with columns that line up. */
export function markdown(table: Table): string {
  const lines = [table.columns, ...table.rows]
  const widths = table.columns.map((_, column) =>
    Math.max(3, ...lines.map((line) => line[column]?.length ?? 0)),
  )
  const print = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [
    `### ${table.title}`,
    '',
    table.about,
    '',
    print(table.columns),
    rule,
    ...table.rows.map(print),
    '',
  ].join('\n')
}

/** A figure with about three digits; a dash where there is none. */
export function figure(value: number, unit = ''): string {
  if (!Number.isFinite(value)) return '–'
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  return `${value.toFixed(digits)}${unit}`
}
