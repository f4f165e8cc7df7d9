import type { Memory } from './memory.js'

/** The themes that one can choose. */
export const themes = ['system', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

/** The theme that was chosen here, or the system's. */
export function rememberedTheme(memory: Memory): Theme {
  const remembered = memory.read('theme') ?? ''
  return isTheme(remembered) ? remembered : 'system'
}

export function isTheme(name: string): name is Theme {
  return themes.some((theme) => theme === name)
}

/** Shows a theme on the page. */
export function showTheme(root: HTMLElement, theme: Theme): void {
  if (theme === 'system') delete root.dataset['theme']
  else root.dataset['theme'] = theme
}

/** Shows a theme and remembers it. */
export function applyTheme(root: HTMLElement, memory: Memory, theme: Theme): void {
  showTheme(root, theme)
  memory.write('theme', theme)
}

/** The next one in turn. */
export function nextTheme(theme: Theme): Theme {
  return themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system'
}
