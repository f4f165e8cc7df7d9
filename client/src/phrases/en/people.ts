/** The people at a document. */
export const people = {
  here: 'People here',
  you: (name: string) => `${name} (you): change name`,
  somebody: 'Somebody',
  everybody: (count: number) => `Everybody here: ${count}`,
  self: (name: string) => `${name} (you)`,
  changeName: 'Change',
  changeNameOf: 'Change your name or colour',
  jump: 'Jump to',
  jumpTo: (name: string) => `Jump to ${name}`,
  follow: 'Follow',
  followPerson: (name: string) => `Follow ${name}`,
  notInText: 'not in the text',
  idle: 'idle',
  away: 'away',
  /** @param what `idle` or `away` */
  who: (name: string, what: string) => `${name} (${what})`,
  nameIsFixed: 'Your name comes from your sign-in and cannot be changed here.',
  colour: 'Colour',
  /** Of the 16 hues, in steps of 22.5 degrees from a red pink. */
  colours: [
    'Rose',
    'Red',
    'Rust',
    'Orange',
    'Ochre',
    'Olive',
    'Leaf',
    'Green',
    'Sea green',
    'Teal',
    'Cyan',
    'Sky blue',
    'Blue',
    'Violet',
    'Purple',
    'Pink',
  ] as readonly string[],
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
  left: (names: readonly string[], others: number) => `${list(names, others)} left`,
  alsoHere: (names: readonly string[], others: number) => `Also here: ${list(names, others)}`,
}

function list(names: readonly string[], others: number): string {
  // British: no comma before the last one.
  const parts = others === 0 ? names : [...names, `${others} others`]
  return new Intl.ListFormat('en-GB').format(parts)
}
