/** `light-dark()` of the `color-scheme` that holds at a place. */
const fg = 'var(--coscribe-fg, light-dark(#1c1d1f, #e4e3df))'
const accent = 'var(--coscribe-accent, light-dark(#0b6e5f, #5ec8b3))'

/**
 * The look of the elements: custom properties that anybody may set on one or above it, with what holds where nobody
 * did. Every other colour is mixed from these.
 */
export const look = {
  bg: 'var(--coscribe-bg, transparent)',
  fg,
  accent,
  accentFg: 'var(--coscribe-accent-fg, light-dark(#ffffff, #0d1f1b))',
  danger: 'var(--coscribe-danger, light-dark(#b3261e, #f2827a))',
  border: `var(--coscribe-border, color-mix(in srgb, ${fg} 18%, transparent))`,
  radius: 'var(--coscribe-radius, 6px)',
  space: 'var(--coscribe-space, 8px)',
  font: 'var(--coscribe-font, ui-monospace, "SF Mono", "Cascadia Code", Menlo, monospace)',
  uiFont: 'var(--coscribe-ui-font, system-ui, sans-serif)',
  fontSize: 'var(--coscribe-font-size, 1rem)',
  height: 'var(--coscribe-height, 24rem)',
  /** What stands back, with a contrast of 4.5 on any background that `fg` has one of 9 on. */
  dim: `var(--coscribe-dim, color-mix(in srgb, ${fg} 70%, var(--coscribe-bg, Canvas)))`,
  hover: `color-mix(in srgb, ${fg} 8%, transparent)`,
  selection: `var(--coscribe-selection, color-mix(in srgb, ${accent} 22%, transparent))`,
} as const
