import { useMay } from '../session/use-session.ts'

/** Which of the settings of a token the person may change, and whether any. */
export function useMaySet() {
  const may = {
    settings: useMay('settings'),
    rotate: useMay('rotate'),
    disable: useMay('disable'),
    revoke: useMay('revoke'),
    delete: useMay('delete'),
  }
  return { ...may, any: Object.values(may).includes(true) }
}
