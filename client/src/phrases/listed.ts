/** "Ada", "Ada and Ben", "Ada, Ben and 12 others". */
export function listed(parts: readonly string[], and: string): string {
  const last = parts.at(-1) ?? ''
  return parts.length < 2 ? last : `${parts.slice(0, -1).join(', ')} ${and} ${last}`
}
