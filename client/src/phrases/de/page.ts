import type { Phrases } from '../phrases.js'

const themes = { system: 'wie das System', light: 'hell', dark: 'dunkel' }

export const page: Phrases['page'] = {
  newDocument: 'Neues Dokument',
  home: 'Coscribe: alle Dokumente',
  untitled: 'Ohne Titel',
  title: 'Titel',
  titleOffline: 'Den Titel hat der Server: ändern lässt er sich, sobald der Server erreichbar ist.',
  notRenamed: (reason) => `Der Titel wurde nicht geändert: ${reason}.`,
  dropTitle: 'So lassen, wie er war',
  tabTitle: (title) => `${title} — Coscribe`,
  document: 'Dokument',
  tools: 'Seite',
  text: 'Text',
  skipToText: 'Zum Text springen',
  skipToSignIn: 'Zur Anmeldung springen',
  startWriting: 'Schreib los.',
  startWritingTogether: 'Schreib los. Wer die Adresse hat, kann mitschreiben.',
  share: 'Teilen',
  addressCopied: 'Die Adresse ist kopiert.',
  textCopied: 'Der Text ist kopiert.',
  help: 'Tastatur und Hilfe',
  theme: (theme) => `Farben: ${themes[theme]}`,
  signOut: 'Abmelden',
  notSignedOut: 'Nicht abgemeldet: der Server ist im Moment nicht erreichbar.',
}
