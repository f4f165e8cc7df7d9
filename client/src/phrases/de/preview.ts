import type { Phrases } from '../phrases.js'

export const preview: Phrases['preview'] = {
  label: 'Vorschau',
  tooLong: (lines) =>
    `Hier endet die Vorschau: sie zeigt die ersten ${lines} Zeilen. Der Rest steht im Text.`,
  forbidden: 'Hier gibt es keine Vorschau: die Regeln dieser Seite lassen keine zu.',
  picture: 'Bild',
}
