import type { IconName } from '../icon/icon.tsx'
import type { ListKind } from '../restriction/list-kind.ts'

interface CardWords {
  readonly title: string
  readonly subtitle: string
  readonly use: string
  readonly note: string
  readonly switchLabel: string
  readonly boxLabel: string
  readonly boxNote: string
  readonly placeholder: string
  readonly icon: IconName
  readonly addSeen: string
}

/** The words of the two cards of Access control. */
export const CARD_WORDS: Readonly<Record<ListKind, CardWords>> = {
  domains: {
    title: 'Front end: allowed domains',
    subtitle: 'Domain whitelist',
    use: 'Use this when web applications, browser-based apps or JavaScript front ends call the API.',
    note: 'Native and hybrid apps and browser extensions have no domain and cannot be listed.',
    switchLabel: 'Restrict browser requests to these domains',
    boxLabel: 'Add domains',
    boxNote: 'One, or paste many: lines, commas, whole URLs.',
    placeholder: 'example.com',
    icon: 'browser',
    addSeen: 'Add a domain seen',
  },
  ips: {
    title: 'Back end: allowed IP addresses',
    subtitle: 'IP whitelist',
    use: 'Use this when back-end servers, server-to-server integrations or curl scripts call the API.',
    note: 'Static public addresses only: dynamic ones will lock you out. Use your server’s public address, not its internal one.',
    switchLabel: 'Restrict server requests to these addresses',
    boxLabel: 'Add addresses',
    boxNote: 'One, or paste many: lines or commas.',
    placeholder: '8.8.8.8',
    icon: 'server',
    addSeen: 'Add an address seen',
  },
}
