/** Coming in, and why not. */
export const signIn = {
  nobody: {
    heading: 'Sign in to open this document',
    text: 'It is open to people who were invited. Open your invite link, or paste it here.',
  },
  ended: {
    heading: 'Your access has ended',
    text: 'To go on, open a new invite link, or paste it here.',
  },
  forbidden: {
    heading: 'This document is not open to you',
    /** @param name who is signed in; empty when that is not known */
    text: (name: string) =>
      (name === '' ? 'What you came with gives you' : `You are signed in as ${name}, who has`) +
      ' no right to it. With another invite link you may have one.',
  },
  label: 'Invite link or access token',
  retry: 'Try again',
  open: 'Open',
  opening: 'Opening…',
  pasteSomething: 'Paste an access token or an invite link.',
  neither: 'This is neither an access token nor an invite link.',
  noInvite: 'This link is no invite: it has no token.',
  otherServer: (host: string) => `This link leads to another server: ${host}.`,
  unreachable: 'The server cannot be reached at the moment.',
  /** What is said when the server has refused without a word. */
  notAccepted: 'It was not accepted.',
}
