import { address } from './address.js'
import { desk } from './desk.js'
import { dialogs } from './dialogs.js'
import { editor } from './editor.js'
import { find } from './find.js'
import { notes } from './notes.js'
import { page } from './page.js'
import { people } from './people.js'
import { preview } from './preview.js'
import { settings } from './settings.js'
import { signIn } from './sign-in.js'
import { status } from './status.js'

/** Every word of ours that people read, in English. The shape of the other languages. */
export const english = {
  address,
  desk,
  dialogs,
  editor,
  find,
  notes,
  page,
  people,
  preview,
  settings,
  signIn,
  status,
}
