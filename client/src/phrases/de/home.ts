import type { Phrases } from '../phrases.js'

export const home: Phrases['home'] = {
  documents: 'Dokumente',
  trash: 'Papierkorb',
  toDocuments: 'Zurück zu den Dokumenten',
  skip: 'Zu den Dokumenten springen',
  nothingYet:
    'Noch kein Dokument. Leg eines an, und gib seine Adresse weiter, an wen mitschreiben soll.',
  trashEmpty: 'Der Papierkorb ist leer.',
  trashMeans: (days) =>
    'Was hier liegt, ist für alle zu und kommt unverändert zurück.' +
    (days === null
      ? ''
      : ` Nach ${days === 1 ? 'einem Tag' : `${days} Tagen`} wird es endgültig gelöscht.`),
  trashedWhen: (when) => `weggeworfen ${when}`,
  loading: 'Wird geladen…',
  search: 'Nach Titel suchen',
  found: ({ count, more, search }) => {
    if (count === 0) return more ? 'Suche läuft…' : `In keinem Titel steht „${search}“.`
    if (more) return `Mehr als ${count} Dokumente gefunden`
    return count === 1 ? '1 Dokument gefunden' : `${count} Dokumente gefunden`
  },
  more: 'Mehr zeigen',
  retry: 'Noch einmal versuchen',
  unreachable: 'Der Server ist im Moment nicht erreichbar.',
  keptHere:
    'Der Server ist nicht erreichbar. Diese Dokumente sind auf diesem Gerät, und du kannst in ihnen schreiben.',
  noneKept: 'Der Server ist nicht erreichbar, und auf diesem Gerät ist kein Dokument.',
  trashOffline: 'Der Server ist nicht erreichbar. Sobald er es ist, siehst du den Papierkorb.',
  signIn: {
    nobody: {
      heading: 'Melde dich an, um deine Dokumente zu sehen',
      text: 'Sie sind offen für Leute, die eingeladen sind. Öffne deinen Einladungslink, oder füg ihn hier ein.',
    },
    ended: {
      heading: 'Dein Zugang ist abgelaufen',
      text: 'Öffne einen neuen Einladungslink, oder füg ihn hier ein, um weiterzumachen.',
    },
  },
  mayEdit: 'darf bearbeiten',
  mayView: 'nur lesen',
  actions: 'Aktionen',
  actionsOf: (title) => `Aktionen für ${title}`,
  rowKeys:
    'Pfeiltasten führen von Zeile zu Zeile und zu den Aktionen einer Zeile; F2 benennt um, Entf wirft in den Papierkorb.',
  rename: 'Umbenennen',
  copyLink: 'Adresse kopieren',
  share: 'Teilen…',
  toTrash: 'In den Papierkorb',
  keys: { rename: 'F2', trash: 'Entf' },
  restore: 'Zurückholen',
  restoreOf: (title) => `${title} zurückholen`,
  undo: 'Rückgängig',
  trashed: (title) => `„${title}“ ist im Papierkorb.`,
  restored: (title) => `„${title}“ ist wieder da.`,
  notRenamed: (reason) => `Nicht umbenannt. ${reason}`,
  notTrashed: (reason) => `Nicht in den Papierkorb gelegt. ${reason}`,
  notRestored: (reason) => `Nicht zurückgeholt. ${reason}`,
  problems: {
    forbidden: 'dazu hast du kein Recht',
    'not-found': 'das gibt es nicht mehr',
    trashed: 'das Dokument ist im Papierkorb',
    'too-many': 'es war zu viel auf einmal; versuch es gleich noch einmal',
    'not-kept': 'der Server kann im Moment nicht auf seine Festplatte schreiben',
    overloaded: 'der Server hat gerade zu viel zu tun',
    internal: 'auf dem Server ist etwas Unerwartetes passiert',
  },
}
