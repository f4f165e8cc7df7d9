import type { Memory } from './memory.js'

const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

/** The theme that was chosen here, or the system's. */
export function rememberedTheme(memory: Memory): Theme {
  return themes.find((theme) => theme === memory.read('theme')) ?? 'system'
}

/** Shows a theme and remembers it. */
export function applyTheme(root: HTMLElement, memory: Memory, theme: Theme): void {
  if (theme === 'system') delete root.dataset['theme']
  else root.dataset['theme'] = theme
  memory.write('theme', theme)
}

/** The next one in turn. */
export function nextTheme(theme: Theme): Theme {
  return themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system'
}
