import type { Phrases } from '../phrases.js'

export const others: Phrases['others'] = {
  somebody: 'Jemand',
  following: (name) => `Du folgst ${name}`,
  stop: 'Beenden',
  stopFollowing: (name) => `${name} nicht mehr folgen`,
  followBegan: (name) => `Du folgst ${name}. Escape beendet es.`,
  followEnded: (name) => `Du folgst ${name} nicht mehr`,
  followLeft: (name) => `${name} ist gegangen, du folgst nicht mehr`,
  isInLine: (name, line) => `${name} ist in Zeile ${line}`,
  editsThisLine: (names) =>
    `${all(names, 0)} ${names.length === 1 ? 'schreibt' : 'schreiben'} in dieser Zeile`,
  edited: (names, more, from, to) => {
    const have = names.length + more === 1 ? 'hat' : 'haben'
    const lines = from === to ? `Zeile ${from}` : `Zeilen ${from} bis ${to}`
    return `${all(names, more)} ${have} ${lines} geändert`
  },
  nobodyElse: 'Niemand sonst ist hier',
  hereNow: (people, more) => `Hier: ${all(people, more)}`,
  whoIsWhere: (name, line, activity) => {
    const where = line === '' ? '' : ` in Zeile ${line}`
    const doing = { active: '', idle: ' (untätig)', away: ' (abwesend)' }[activity]
    return `${name}${where}${doing}`
  },
}

function all(names: readonly string[], more: number): string {
  const parts = more === 0 ? names : [...names, `${more} weitere`]
  return new Intl.ListFormat('de').format(parts)
}
