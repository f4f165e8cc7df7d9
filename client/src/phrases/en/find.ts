/** Finding and replacing in a text. Those with a dot are ours; the others are CodeMirror's own. */
export const find = {
  'find.panel': 'Find and replace',
  'find.field': 'Find',
  'find.replacement': 'Replace with',
  'find.previous': 'Previous match',
  'find.next': 'Next match',
  'find.case': 'Match case',
  'find.word': 'Whole words',
  'find.regexp': 'Regular expression',
  'find.replace': 'Replace',
  'find.all': 'Replace all',
  'find.close': 'Close',
  'find.none': 'No match',
  'find.invalid': 'Not a regular expression',
  /** The first `$1` is the match that is selected, the second one how many there are. */
  'find.place': '$1 of $2',
  'find.count': '$ matches',
  'find.one': '1 match',
  'current match': 'current match',
  'on line': 'on line',
  'replaced $ matches': 'replaced $ matches',
  'replaced match on line $': 'replaced match on line $',
}
