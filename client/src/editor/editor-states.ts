import type { RoomStatus } from '../sync-status.js'

/** What a style sheet can ask of `<coscribe-editor>`, as `:state(saving)`. */
export type EditorStateName =
  'connected' | 'saving' | 'offline' | 'unsaved' | 'readonly' | 'loading'

const names: readonly EditorStateName[] = [
  'connected',
  'saving',
  'offline',
  'unsaved',
  'readonly',
  'loading',
]

/** The states of an editor; without a status it waits for its document. */
export function statesOf(
  status: RoomStatus | null,
  isReadOnly: boolean,
): ReadonlySet<EditorStateName> {
  const { connection, save } = status ?? { connection: 'connecting', save: 'loading' }
  const facts: Readonly<Record<EditorStateName, boolean>> = {
    connected: connection === 'connected',
    saving: save === 'saving',
    offline: connection !== 'connected' && connection !== 'connecting',
    unsaved: save === 'unsaved',
    readonly: isReadOnly,
    loading: save === 'loading',
  }
  return new Set(names.filter((name) => facts[name]))
}

/** Shows states to style sheets; where `:state()` is not known, as attributes such as `data-saving`. */
export function showStates(
  element: HTMLElement,
  internals: ElementInternals,
  states: ReadonlySet<EditorStateName>,
): void {
  for (const name of names) {
    const isOn = states.has(name)
    if (isKnown(internals, name)) set(internals.states, name, isOn)
    else element.toggleAttribute(`data-${name}`, isOn)
  }
}

function isKnown({ states }: Partial<ElementInternals>, name: EditorStateName): boolean {
  if (states === undefined) return false
  try {
    states.add(name)
    return true
  } catch {
    // Browsers of before `:state()` take names with two dashes only, which is another selector.
    return false
  }
}

function set(states: CustomStateSet, name: EditorStateName, isOn: boolean): void {
  if (isOn) states.add(name)
  else states.delete(name)
}
