import type { Phrases } from '../phrases.js'
import { address } from './address.js'
import { dialogs } from './dialogs.js'
import { editor } from './editor.js'
import { embed } from './embed.js'
import { notes } from './notes.js'
import { page } from './page.js'
import { people } from './people.js'
import { signIn } from './sign-in.js'
import { status } from './status.js'

/** Every word of ours that people read, in German. */
export const german: Phrases = {
  address,
  dialogs,
  editor,
  embed,
  notes,
  page,
  people,
  signIn,
  status,
}
