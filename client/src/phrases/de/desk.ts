import type { Phrases } from '../phrases.js'

export const desk: Phrases['desk'] = {
  menu: 'Dokumentmenü',
  find: 'Suchen und Ersetzen',
  showPreview: 'Vorschau zeigen',
  hidePreview: 'Vorschau schließen',
  language: 'Sprache des Textes',
  plainText: 'Einfacher Text',
  openFile: 'Eine Datei öffnen…',
  downloadText: 'Als Text herunterladen',
  downloadMarkdown: 'Als Markdown herunterladen',
  downloadUpdate: 'Als Yjs-Update herunterladen',
  settings: 'Einstellungen…',
  help: 'Tastatur und Hilfe',
  sidePanel: 'Neben dem Text',
  hideSide: 'Schließen',
  sideWidth: 'Breite der Seitenleiste',
  writing: 'Schreiben',
  undo: 'Rückgängig',
  redo: 'Wiederholen',
  hideKeyboard: 'Tastatur ausblenden',
  drop: 'Datei hier ablegen, um sie zu öffnen',
  notLoaded: {
    heading: (what) => `Nicht geladen: ${what}`,
    text:
      'Es geht auch ohne weiter, und dein Text ist davon nicht berührt. Ohne Netz ist nur hier, was schon einmal gebraucht ' +
      'wurde; wurde der Server aktualisiert, lade die Seite neu.',
    grammar: (language) => `die Farben von ${language}`,
    keys: (editor) => `die Tasten von ${editor}`,
    preview: 'die Vorschau',
    find: 'Suchen und Ersetzen',
  },
  inserted: (name) => `${name} ist eingefügt.`,
  merged: (name) => `${name} ist aufgenommen.`,
  notOpened: (name) => `${name} wurde nicht geöffnet`,
  why: {
    readOnly: 'Du darfst dieses Dokument lesen, aber nicht darin schreiben.',
    notHere: 'Das Dokument wird noch geöffnet.',
    several: 'Öffne eine Datei nach der anderen.',
    tooLarge: (megabytes) => `Sie ist größer als ${megabytes} MB.`,
    empty: 'Sie ist leer.',
    unreadable: 'Sie ließ sich nicht lesen.',
    notText: 'Sie ist kein Text: sie enthält Zeichen, die in keinem Text stehen.',
    notUtf8: 'Sie ist kein Text in UTF-8. Speichere sie als UTF-8 und versuche es noch einmal.',
    notAnUpdate: (reason) => `Sie ist kein ganzes Yjs-Dokument (${reason}).`,
    update: {
      damaged: 'sie ist beschädigt oder etwas anderes',
      tooMuch: 'es ist mehr darin, als ein Dokument haben darf',
      nothing: 'es ist nichts darin',
      incomplete: 'es fehlen Teile',
      tooDeep: 'sie ist zu tief verschachtelt',
    },
  },
  ok: 'OK',
  merge: {
    heading: 'Eine Datei in dieses Dokument aufnehmen?',
    text: (name, characters) =>
      `${name} enthält ein Dokument mit einem Text von ${characters} Zeichen. Was darin steht und hier nicht, kommt ` +
      'dazu, und was darin gelöscht wurde, wird hier gelöscht. Rückgängig machen lässt sich das nicht.',
    confirm: 'Aufnehmen',
  },
}
