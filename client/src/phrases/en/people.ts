/** The people at a document. */
export const people = {
  here: 'People here',
  you: (name: string) => `${name} (you): change name`,
  more: (count: number) => `and ${count} more`,
  somebody: 'Somebody',
  /** Names of people who have not chosen one. */
  animals: [
    'Heron',
    'Otter',
    'Lynx',
    'Wren',
    'Badger',
    'Finch',
    'Hare',
    'Plover',
    'Marten',
    'Swift',
    'Newt',
    'Raven',
  ] as readonly string[],
  /** @param others how many there are beside `names`: none, or more than one */
  joined: (names: readonly string[], others: number) => `${list(names, others)} joined`,
  alsoHere: (names: readonly string[], others: number) => `Also here: ${list(names, others)}`,
}

function list(names: readonly string[], others: number): string {
  // British: no comma before the last one.
  const parts = others === 0 ? names : [...names, `${others} others`]
  return new Intl.ListFormat('en-GB').format(parts)
}
