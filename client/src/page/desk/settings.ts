import type { Memory } from '../memory.js'

/** What can be chosen, by setting; the first one of each is what is so without a choice. */
export const choices = {
  textSize: ['normal', 'small', 'large', 'larger'],
  wrap: [true, false],
  lineNumbers: [false, true],
  tabSize: [4, 2, 8],
  keys: ['plain', 'vim', 'emacs'],
  announce: ['nearby', 'all', 'off'],
} as const

type Choices = typeof choices

/** How the text is shown and written, on this device. */
export type Settings = { readonly [Name in keyof Choices]: Choices[Name][number] }

/** Sizes of the text, in rem. */
export const textSizes: Readonly<Record<Settings['textSize'], number>> = {
  small: 0.9375,
  normal: 1.0625,
  large: 1.25,
  larger: 1.5,
}

const REMEMBERED = 'settings'

/** The settings that were chosen here; what is not a choice any more, or never was, is as without one. */
export function rememberedSettings(memory: Memory): Settings {
  const said = parsed(memory.read(REMEMBERED) ?? '')
  const chosen = <Name extends keyof Choices>(name: Name): Settings[Name] => {
    const offered = choices[name] as unknown as readonly [Settings[Name], ...Settings[Name][]]
    return offered.find((choice) => choice === said[name]) ?? offered[0]
  }
  return {
    textSize: chosen('textSize'),
    wrap: chosen('wrap'),
    lineNumbers: chosen('lineNumbers'),
    tabSize: chosen('tabSize'),
    keys: chosen('keys'),
    announce: chosen('announce'),
  }
}

export function rememberSettings(memory: Memory, settings: Settings): void {
  memory.write(REMEMBERED, JSON.stringify(settings))
}

/** Whether everything is chosen alike. */
export function sameSettings(one: Settings, two: Settings): boolean {
  return Object.keys(choices).every((name) =>
    Object.is(one[name as keyof Choices], two[name as keyof Choices]),
  )
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    // Nothing was remembered, or something else than we write.
    return {}
  }
}
