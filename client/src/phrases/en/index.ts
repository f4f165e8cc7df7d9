import { address } from './address.js'
import { desk } from './desk.js'
import { dialogs } from './dialogs.js'
import { home } from './home.js'
import { find } from './find.js'
import { englishElements } from './elements.js'
import { notes } from './notes.js'
import { page } from './page.js'
import { share } from './share.js'
import { settings } from './settings.js'
import { signIn } from './sign-in.js'

/** Every word of ours that people read, in English. The shape of the other languages. */
export const english = {
  ...englishElements,
  address,
  desk,
  dialogs,
  home,
  find,
  notes,
  page,
  share,
  settings,
  signIn,
}
