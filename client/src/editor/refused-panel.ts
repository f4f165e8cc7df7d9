import { StateField, type Extension } from '@codemirror/state'
import { EditorView, showPanel, type Panel } from '@codemirror/view'
import { refusedInsert, type RefusedInsert } from '../codemirror/fits.js'
import type { Phrases } from '../phrases/phrases.js'

/**
 * Says above the text why something was not taken, until the next change that is.
 *
 * @param phrases those of this moment
 */
export function refusedPanel(phrases: () => Phrases['large']): Extension {
  const refused: StateField<RefusedInsert | null> = StateField.define({
    create: () => null,
    update(value: RefusedInsert | null, { docChanged, effects }) {
      const said = effects.find((effect) => effect.is(refusedInsert))
      if (said !== undefined) return said.value
      return docChanged ? null : value
    },
    provide: (field) =>
      showPanel.from(field, (value) => (value === null ? null : () => panelOf(value, phrases()))),
  })
  return [refused, look]
}

function panelOf({ bytes, freeBytes }: RefusedInsert, phrases: Phrases['large']): Panel {
  const dom = document.createElement('p')
  dom.className = 'cm-coscribeRefused'
  dom.setAttribute('role', 'alert')
  dom.setAttribute('part', 'refused')
  dom.textContent = freeBytes === 0 ? phrases.documentFull : phrases.tooLarge(bytes, freeBytes)
  return { dom, top: true }
}

const look = EditorView.theme({
  '.cm-panels': { backgroundColor: 'transparent', color: 'inherit', zIndex: '5' },
  '.cm-panels-top': { borderBottom: 'none' },
  '.cm-coscribeRefused': {
    margin: '0',
    padding: '8px 12px',
    font: '500 0.9375rem/1.4 system-ui, sans-serif',
    color: 'var(--coscribe-danger, light-dark(#b3261e, #f2827a))',
    borderBottomWidth: '1px',
    borderBottomStyle: 'solid',
  },
})
