import type { Phrases } from '../phrases.js'

export const people: Phrases['people'] = {
  here: 'Wer hier ist',
  you: (name) => `${name} (du): Namen ändern`,
  more: (count) => `und ${count} weitere`,
  somebody: 'Jemand',
  animals: [
    'Reiher',
    'Otter',
    'Luchs',
    'Zaunkönig',
    'Dachs',
    'Fink',
    'Hase',
    'Kiebitz',
    'Marder',
    'Segler',
    'Molch',
    'Rabe',
  ],
  joined: (names, others) =>
    `${list(names, others)} ${names.length + others === 1 ? 'ist' : 'sind'} dazugekommen`,
  alsoHere: (names, others) => `Auch hier: ${list(names, others)}`,
}

function list(names: readonly string[], others: number): string {
  const parts = others === 0 ? names : [...names, `${others} weitere`]
  return new Intl.ListFormat('de').format(parts)
}
