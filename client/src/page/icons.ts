import { svg, html, type TemplateResult } from 'lit'

const paths = {
  share: 'M10 3v10M6.5 6.5 10 3l3.5 3.5M4 11v5h12v-5',
  done: 'm4 10.5 4 4 8-9',
  help: 'M10 2.5a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15M8 8a2 2 0 1 1 2.8 1.85c-.55.25-.8.65-.8 1.35M10 13.7v.01',
  leave: 'M8 3.5H4v13h4M12.5 6.5 16 10l-3.5 3.5M16 10H8',
  more: 'M5 10v.01M10 10v.01M15 10v.01',
  menu: 'M3.5 5.5h13M3.5 10h13M3.5 14.5h13',
  close: 'm5 5 10 10M15 5 5 15',
  find: 'M9 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11M13 13l4 4',
  undo: 'M7.5 4.5 4 8l3.5 3.5M4 8h7.5a4.5 4.5 0 0 1 0 9H9',
  redo: 'M12.5 4.5 16 8l-3.5 3.5M16 8H8.5a4.5 4.5 0 0 0 0 9H11',
  light:
    'M10 6.5a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7M10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M15.7 4.3l-1.1 1.1M5.4 14.6l-1.1 1.1',
  dark: 'M16 11.5A6.5 6.5 0 0 1 8.5 4 6.5 6.5 0 1 0 16 11.5',
  system: 'M3 4h14v9H3zM7.5 16.5h5M10 13v3.5',
} as const

export type IconName = keyof typeof paths

/** A small drawing that says nothing to assistive technology: whatever holds it has a name. */
export function icon(name: IconName): TemplateResult {
  const shape = svg`<path d=${paths[name]} />`
  return html`<svg class="icon" viewBox="0 0 20 20" aria-hidden="true">${shape}</svg>`
}
