// The one file that a page loads with a script tag: everything is inside, and the elements are defined when it ran.
import { defineElements } from './define.js'

export { connect, Y } from '../index.js'
export { IndexedDbStore } from '../offline/index.js'
export { CoscribeAvatars, CoscribeEditor, CoscribeStatus, mountEditor } from './index.js'

defineElements()
