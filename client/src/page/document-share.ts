import type { Access } from '@coscribe/shared'
import { html, type TemplateResult } from 'lit'
import type { Room } from '../room.js'
import type { ApiClient } from './api-client.js'
import type { PageAccess } from './page-access.js'
import type { ShareDialog } from './share/share-dialog.js'

export interface ShareSetup {
  readonly room: Room
  readonly client: ApiClient
  readonly access: PageAccess
}

/** The dialog about who can open the document of a page. What it is made of is loaded once the text is there. */
export function documentShare(
  { room, client, access }: ShareSetup,
  { title, may }: { readonly title: string; readonly may: Access | null },
): TemplateResult {
  const document = { id: room.documentId, title, access: may ?? 'none' }
  return html`<share-dialog
    .client=${client}
    .document=${document}
    .guarded=${access.isSomebody}
  ></share-dialog>`
}

/** Opens it, as soon as it is loaded. */
export async function openShare(page: HTMLElement): Promise<void> {
  await customElements.whenDefined('share-dialog')
  if (page.isConnected) page.querySelector<ShareDialog>('share-dialog')?.open()
}
