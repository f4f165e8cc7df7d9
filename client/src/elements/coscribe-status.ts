// Importing this defines `<coscribe-status>`.
import { CoscribeStatus } from '../editor/coscribe-status.js'
import { defineElement } from '../editor/define-element.js'

export { CoscribeStatus }

defineElement('coscribe-status', CoscribeStatus)
