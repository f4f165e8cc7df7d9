import type { Mutant } from '../mutation.js'

export const mutant: Mutant = {
  file: 'server/src/persistence/fold.ts',
  breaks: 'A snapshot is stored without its deletions.',
  find: `return { kind: 'folded', parts, derived: derivedDeletes(before, after) }`,
  replace: `const scan = new UpdateScan()
  const structs = parts.map((part) => {
    walkUpdate(part, scan, storedWalkLimits)
    return Uint8Array.from([...part.subarray(0, scan.deleteSetOffset), 0])
  })
  return { kind: 'folded', parts: structs, derived: derivedDeletes(before, after) }`,
  seeds: 200,
}
