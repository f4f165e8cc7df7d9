import type { Phrases } from '../phrases.js'

export const notes: Phrases['notes'] = {
  refused: 'Deine letzten Änderungen wurden nicht angenommen',
  goOnWithout:
    'Du kannst ohne sie weitermachen: der Text, wie er hier steht, wird dann beiseitegelegt, damit du aus ihm kopieren kannst.',
  setAside: 'Meinen Text beiseitelegen und weitermachen',
  aside: 'Dein Text wurde beiseitegelegt',
  asideHolds: 'Er enthält, was nicht angenommen wurde, und ist nur in diesem Tab.',
  copyText: 'Text kopieren',
  download: 'Herunterladen',
  done: 'Fertig',
  linkRefused: {
    heading: 'Der Link wurde nicht verwendet',
    text: 'Es geht weiter wie bisher.',
  },
  lacking: {
    heading: 'Diese Seite ließ sich nicht ganz laden',
    text: 'Schreiben kannst du. Teilen, das Menü oder die Einstellungen fehlen, bis die Seite neu geladen ist.',
    reload: 'Neu laden',
  },
  trashed: {
    heading: 'Dieses Dokument ist im Papierkorb',
    text: 'Es ist für alle zu, bis es zurückgeholt wird.',
    pending:
      'Was du zuletzt geschrieben hast, ist nicht gesendet: es bleibt hier, damit du es kopieren kannst, und wird gesendet, wenn das Dokument wieder da ist.',
    askOthers: 'Wer es verwaltet, kann es zurückholen.',
  },
}
