/**
 * Whether a variable is one that Kubernetes sets in every pod for a Service named `keyfence` or
 * `keyfence-…` (`KEYFENCE_PORT=tcp://10.0.0.1:80`, `KEYFENCE_SERVICE_HOST=10.0.0.1`), which nobody
 * meant as a setting. Told by the value too, so that a misspelt setting is not taken for one.
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables
 */
export function isServiceLink(name: string, value: string): boolean {
  return LINKS.some(([names, values]) => names.test(name) && values.test(value))
}

const LINKS: readonly (readonly [names: RegExp, values: RegExp])[] = [
  [/_SERVICE_HOST$/, /^[0-9a-f.:]+$/i],
  [/_SERVICE_PORT(?:_[A-Z0-9_]+)?$/, /^[0-9]{1,5}$/],
  [/_PORT(?:_[0-9]{1,5}_(?:TCP|UDP|SCTP))?$/, /^(?:tcp|udp|sctp):\/\//],
  [/_PORT_[0-9]{1,5}_(?:TCP|UDP|SCTP)_PROTO$/, /^(?:tcp|udp|sctp)$/],
  [/_PORT_[0-9]{1,5}_(?:TCP|UDP|SCTP)_PORT$/, /^[0-9]{1,5}$/],
  [/_PORT_[0-9]{1,5}_(?:TCP|UDP|SCTP)_ADDR$/, /^[0-9a-f.:]+$/i],
]
