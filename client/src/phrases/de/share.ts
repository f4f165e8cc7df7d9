import type { Phrases } from '../phrases.js'

export const share: Phrases['share'] = {
  heading: (title) => `„${title}“ teilen`,
  address: 'Adresse',
  copy: 'Kopieren',
  copyByHand:
    'Der Browser lässt diese Seite nicht kopieren: der Text ist ausgewählt, damit du ihn kopieren kannst.',
  forInvited: 'Sie öffnet sich für Leute, die dieses Dokument öffnen dürfen.',
  forEverybody:
    'Wer diesen Server erreicht und die Adresse hat, kann lesen und schreiben. Er fragt niemanden, wer er ist.',
  links: 'Links, mit denen man hereinkommt',
  linksMean: 'Wer so einen Link hat, kommt damit herein, bis er endet oder du ihn zurücknimmst.',
  level: 'Erlaubt ist',
  levels: { read: 'Ansehen', write: 'Bearbeiten' },
  span: 'für',
  spans: { hour: '1 Stunde', day: '1 Tag', week: '1 Woche', month: '30 Tage' },
  make: 'Link anlegen',
  newLink: 'Neuer Link',
  linkMade: 'Der Link ist angelegt.',
  linkCopied: 'Der Link ist kopiert.',
  shownOnce: 'Er wird nur dieses eine Mal gezeigt: kopiere ihn jetzt.',
  ends: (when) => `endet ${when}`,
  revoke: 'Zurücknehmen',
  revokeOf: (level, ends) => `Zurücknehmen: ${level}, ${ends}`,
  reallyRevoke: 'Wer damit hereingekommen ist, muss sofort hinaus.',
  keep: 'Behalten',
  linkRevoked: 'Der Link ist zurückgenommen.',
}
