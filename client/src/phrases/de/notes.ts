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
}
