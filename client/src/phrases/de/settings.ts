import type { Phrases } from '../phrases.js'

export const settings: Phrases['settings'] = {
  heading: 'Einstellungen',
  hint: 'Sie gelten auf diesem Gerät.',
  theme: 'Farben',
  themes: { system: 'Wie das System', light: 'Hell', dark: 'Dunkel' },
  language: 'Sprache dieser Seite',
  asBrowser: 'Wie der Browser',
  textSize: 'Größe des Textes',
  textSizes: { small: 'Klein', normal: 'Normal', large: 'Groß', larger: 'Größer' },
  wrap: 'Lange Zeilen umbrechen',
  lineNumbers: 'Zeilennummern',
  tabSize: 'Breite eines Tabulators',
  keys: 'Tastenbelegung',
  announce: 'Änderungen anderer vorlesen',
  announced: { nearby: 'Nahe der Schreibmarke', all: 'Alle', off: 'Keine' },
  keyTables: { plain: 'Üblich', vim: 'Vim', emacs: 'Emacs' },
}
