/** What others do in the text, as the editor shows and reads it out. */
export const others = {
  somebody: 'Somebody',
  following: (name: string) => `Following ${name}`,
  stop: 'Stop',
  stopFollowing: (name: string) => `Stop following ${name}`,
  followBegan: (name: string) => `Following ${name}. Escape stops.`,
  followEnded: (name: string) => `No longer following ${name}`,
  followLeft: (name: string) => `${name} has left, you are no longer following`,
  isInLine: (name: string, line: string) => `${name} is in line ${line}`,
  editsThisLine: (names: readonly string[]) =>
    `${all(names, 0)} ${names.length === 1 ? 'is' : 'are'} editing this line`,
  /** @param names of those who did; `more` is how many others there are beside them */
  edited: (names: readonly string[], more: number, from: string, to: string) =>
    `${all(names, more)} edited ${from === to ? `line ${from}` : `lines ${from} to ${to}`}`,
  nobodyElse: 'Nobody else is here',
  /** @param people one entry each, from `whoIsWhere` */
  hereNow: (people: readonly string[], more: number) => `Here: ${all(people, more)}`,
  /** @param line empty when they are nowhere in the text */
  whoIsWhere: (name: string, line: string, activity: 'active' | 'idle' | 'away') => {
    const where = line === '' ? '' : ` in line ${line}`
    return `${name}${where}${activity === 'active' ? '' : ` (${activity})`}`
  },
}

function all(names: readonly string[], more: number): string {
  const parts = more === 0 ? names : [...names, `${more} more`]
  return new Intl.ListFormat('en-GB').format(parts)
}
