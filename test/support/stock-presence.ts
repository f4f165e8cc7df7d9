import { eventually } from './eventually.js'
import type { StockPerson } from './stock-person.js'
import { afterTest } from './stock-room.js'

/** Says something about oneself. */
export function show(person: StockPerson, state: Record<string, unknown>): void {
  person.awareness.setLocalState(state)
}

/** Waits until everybody is shown what each other last said. */
export async function seeEachOther(
  all: readonly StockPerson[],
  deadlineMs?: number,
): Promise<void> {
  for (const person of all) await seenBy(person, all, deadlineMs)
}

/** Waits until this person is shown what the others last said. */
export async function seenBy(
  person: StockPerson,
  others: readonly StockPerson[],
  deadlineMs?: number,
): Promise<void> {
  for (const other of others) {
    const wanted = JSON.stringify(other.awareness.getLocalState())
    const sees = (): boolean => JSON.stringify(person.presenceOf(other)) === wanted
    await eventually(`person sees ${wanted}`, sees, deadlineMs)
  }
}

/** Notes each event about a person's own state at which it is not what that person last set. */
export function watchOwnState(person: StockPerson): {
  reverts: unknown[]
  set(state: Record<string, unknown>): void
} {
  const own = person.doc.clientID
  const record = {
    reverts: [] as unknown[],
    set(state: Record<string, unknown>): void {
      wanted = JSON.stringify(state)
      show(person, state)
    },
  }
  let wanted = JSON.stringify(person.awareness.getLocalState())
  const look = (change: { added: number[]; updated: number[]; removed: number[] }): void => {
    const { added, updated, removed } = change
    if (![...added, ...updated, ...removed].includes(own)) return
    const state = person.awareness.getStates().get(own)
    if (JSON.stringify(state) !== wanted) record.reverts.push(state)
  }
  person.awareness.on('change', look)
  person.awareness.on('update', look)
  afterTest(() => {
    person.awareness.off('change', look)
    person.awareness.off('update', look)
  })
  return record
}
