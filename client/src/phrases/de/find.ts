import type { Phrases } from '../phrases.js'

export const find: Phrases['find'] = {
  'find.panel': 'Suchen und Ersetzen',
  'find.field': 'Suchen',
  'find.replacement': 'Ersetzen durch',
  'find.previous': 'Voriger Treffer',
  'find.next': 'Nächster Treffer',
  'find.case': 'Groß und klein unterscheiden',
  'find.word': 'Ganze Wörter',
  'find.regexp': 'Regulärer Ausdruck',
  'find.replace': 'Ersetzen',
  'find.all': 'Alle ersetzen',
  'find.close': 'Schließen',
  'find.none': 'Kein Treffer',
  'find.invalid': 'Kein regulärer Ausdruck',
  'find.place': '$1 von $2',
  'find.count': '$ Treffer',
  'find.one': '1 Treffer',
  'current match': 'dieser Treffer',
  'on line': 'in Zeile',
  'replaced $ matches': '$ Treffer ersetzt',
  'replaced match on line $': 'Treffer in Zeile $ ersetzt',
}
