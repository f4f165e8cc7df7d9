import type { Phrases } from '../phrases.js'

export const dialogs: Phrases['dialogs'] = {
  close: 'Schließen',
  cancel: 'Abbrechen',
  help: {
    keyboard: 'Tastatur',
    undo: 'Eigene Änderungen zurücknehmen',
    redo: 'Wiederholen',
    find: 'Suchen und Ersetzen',
    preview: 'Vorschau zeigen oder schließen',
    selectAll: 'Alles auswählen',
    moveLine: 'Die Zeile verschieben',
    addCursor: 'Noch eine Schreibmarke setzen',
    titleToText: 'Vom Titel zum Text',
    textToNext: 'Vom Text zum nächsten Bedienelement',
    alwaysToNext: 'Zum nächsten Bedienelement, was immer Tab tut (nacheinander)',
    tabTo: 'Umschalten, was Tab im Text tut',
    whoIsHere: 'Vorlesen, wer hier ist',
    closeOpen: 'Schließen, was offen ist',
    thisHelp: 'Diese Hilfe; auch ? außerhalb des Textes',
    saved: 'Gespeichert',
    savedMeans:
      'Was du geschrieben hast, liegt auf der Festplatte des Servers. Ohne Verbindung bleibt es auf ' +
      'diesem Gerät, auch wenn du die Seite schließt, und wird gesendet, sobald du wieder verbunden bist.',
    keys: {
      control: 'Strg',
      alt: 'Alt',
      shift: 'Umschalt',
      enter: 'Eingabe',
      tab: 'Tab',
      escape: 'Esc',
      click: 'Klick',
    },
  },
  name: {
    heading: 'Dein Name und deine Farbe',
    hint: 'Andere sehen beides an deiner Schreibmarke.',
    confirm: 'Verwenden',
  },
  signOut: {
    heading: 'Abmelden',
    byToken: 'Du bist mit einem Zugangsschlüssel gekommen.',
    signedInAs: (name) => `Du bist angemeldet als ${name}.`,
    confirm: 'Abmelden',
  },
  otherLink: {
    heading: 'Als jemand anders weitermachen?',
    text: ({ who, next }) =>
      (who === ''
        ? 'Du bist mit einem Zugangsschlüssel gekommen.'
        : `Du bist angemeldet als ${who}.`) +
      ` Der Link, den du geöffnet hast, gehört ${next === '' ? 'jemand anderem' : next}.`,
    stay: 'Bleiben',
    confirm: 'Den Link verwenden',
  },
  replaced: {
    heading: 'Dieser Tab ist nicht mehr angemeldet',
    text: 'In einem anderen Tab dieses Browsers hat sich jemand anders angemeldet, oder du hast dich abgemeldet.',
    stay: 'Bleiben, um sie zu kopieren',
    confirm: 'Ohne sie weitermachen',
  },
  losing: {
    where: 'Deine letzten Änderungen sind nur in diesem Tab',
    consequence: 'und gingen verloren.',
  },
}
