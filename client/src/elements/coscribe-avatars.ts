// Importing this defines `<coscribe-avatars>`.
import { CoscribeAvatars } from '../editor/coscribe-avatars.js'
import { defineElement } from '../editor/define-element.js'

export { CoscribeAvatars }

defineElement('coscribe-avatars', CoscribeAvatars)
