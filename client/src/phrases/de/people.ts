import type { Phrases } from '../phrases.js'

export const people: Phrases['people'] = {
  here: 'Wer hier ist',
  you: (name) => `${name} (du): Namen ändern`,
  somebody: 'Jemand',
  everybody: (count) => `Alle, die hier sind: ${count}`,
  self: (name) => `${name} (du)`,
  changeName: 'Ändern',
  changeNameOf: 'Deinen Namen oder deine Farbe ändern',
  jump: 'Hingehen',
  jumpTo: (name) => `Zu ${name} gehen`,
  follow: 'Folgen',
  followPerson: (name) => `${name} folgen`,
  notInText: 'nicht im Text',
  idle: 'untätig',
  away: 'abwesend',
  who: (name, what) => `${name} (${what})`,
  nameIsFixed: 'Dein Name kommt von deiner Anmeldung und kann hier nicht geändert werden.',
  colour: 'Farbe',
  colours: [
    'Rosenrot',
    'Rot',
    'Rost',
    'Orange',
    'Ocker',
    'Oliv',
    'Blattgrün',
    'Grün',
    'Seegrün',
    'Petrol',
    'Cyan',
    'Himmelblau',
    'Blau',
    'Violett',
    'Purpur',
    'Pink',
  ],
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
  left: (names, others) =>
    `${list(names, others)} ${names.length + others === 1 ? 'ist' : 'sind'} gegangen`,
  alsoHere: (names, others) => `Auch hier: ${list(names, others)}`,
}

function list(names: readonly string[], others: number): string {
  const parts = others === 0 ? names : [...names, `${others} weitere`]
  return new Intl.ListFormat('de').format(parts)
}
