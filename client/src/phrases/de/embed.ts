import type { Phrases } from '../phrases.js'

export const embed: Phrases['embed'] = {
  tools: 'Werkzeuge für den Text',
  undo: 'Rückgängig',
  redo: 'Wiederholen',
  cannotOpen: (reason) => `Dieses Dokument lässt sich nicht öffnen: ${reason}`,
  notHereYet: 'Das Dokument ist noch nicht da.',
  valueMissing: 'Bitte etwas schreiben.',
  tooShort: (least, length) =>
    `Bitte mindestens ${least} Zeichen schreiben; jetzt sind es ${length}.`,
  tooLong: (most, length) => `Bitte höchstens ${most} Zeichen schreiben; jetzt sind es ${length}.`,
}
