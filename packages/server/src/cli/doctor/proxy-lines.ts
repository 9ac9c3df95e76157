import type { CheckProfileName } from '../../config/config.ts'

/** What to write in the configuration of a proxy, for each thing that may be wrong on the way. */
export interface ProxyLines {
  /** The caller's address does not arrive, or a forged one does. */
  readonly address: string
  /** A forged path does. */
  readonly path: string
  /** A field that the rule or the token needs does not. @param name in lower case */
  readonly field: (name: string) => string
  /** A refusal does not reach the caller as it is. */
  readonly refusal: string
  /** A preflight is asked for a token. */
  readonly preflight: string
}

/**
 * For the proxy that the profile names, the lines of its example; without one, a proxy stands before
 * Keyfence's own, or is none that we know.
 */
export function proxyLines(profile: CheckProfileName | undefined): ProxyLines {
  return profile === undefined || profile === 'plain' ? ANY_PROXY : LINES[profile]
}

const ANY_PROXY: ProxyLines = {
  address:
    'Let the proxy write X-Forwarded-For itself, from its socket, and put its address into trustedProxies. In nginx: `proxy_set_header X-Forwarded-For $remote_addr;`.',
  path: 'Let the proxy write the fields of its profile itself (docs/check-endpoint.md, Profiles).',
  field: (name) => `Let the proxy pass ${name} on.`,
  refusal: 'Let the proxy pass status, fields and body of a refusal on as they are.',
  preflight: 'Send them to /preflight; they carry no token (docs/check-endpoint.md).',
}

const TRUSTED = 'and its address belongs into trustedProxies'

const LINES: Record<Exclude<CheckProfileName, 'plain'>, ProxyLines> = {
  nginx: {
    address: `Where nginx asks: \`proxy_set_header X-Forwarded-For $remote_addr;\`, ${TRUSTED}.`,
    path: 'Where nginx asks: `proxy_set_header X-Original-URI $request_uri;`.',
    field: (name) =>
      `Where nginx asks, take out \`proxy_pass_request_headers off;\` and what sets ${name}.`,
    refusal:
      'Where nginx passes to the API: `error_page 401 = @keyfence_401;` and `error_page 403 = @keyfence_403;`, with these two locations (examples/nginx).',
    preflight:
      'Where nginx passes to the API: `if ($is_preflight) { return 418; }` and `error_page 418 = @keyfence_preflight;` (examples/nginx).',
  },
  caddy: {
    address: `In forward_auth: \`header_up X-Forwarded-For {http.request.remote.host}\`, ${TRUSTED}.`,
    path: 'Take out what sets X-Forwarded-Uri: forward_auth writes it itself.',
    field: (name) => `Before forward_auth, take out \`request_header -${name}\`.`,
    refusal: 'Take out handle_response in forward_auth: a refusal passes as it is.',
    preflight:
      'Before forward_auth: `handle @preflight {` with `rewrite * /preflight` (examples/caddy).',
  },
  haproxy: {
    address: `Before the script: \`http-request set-header X-Forwarded-For %[src]\`, ${TRUSTED}.`,
    path: 'In keyfence.lua: `fields["x-original-uri"] = { txn.sf:pathq() }`.',
    field: (name) => `Before the script, take out \`http-request del-header ${name}\`.`,
    refusal:
      'Let the script answer: `http-request lua.keyfence unless { var(txn.preflight) -m bool }` (examples/haproxy).',
    preflight:
      'Before the script: `http-request set-path /preflight if { var(txn.preflight) -m bool }` (examples/haproxy).',
  },
  traefik: {
    address: `Take out forwardedHeaders.insecure of the entry point; in forwardAuth: \`trustForwardHeader: false\`, ${TRUSTED}.`,
    path: 'In forwardAuth: `trustForwardHeader: false`.',
    field: (name) => `In forwardAuth, take out authRequestHeaders, or add \`- ${name}\` to it.`,
    refusal: 'Take out the middleware errors: a refusal passes as it is.',
    preflight:
      'A router of their own with the middleware `to-preflight`, which has `path: /preflight` (examples/traefik).',
  },
  envoy: {
    address: `In the connection manager: \`use_remote_address: true\`; in allowed_headers of ext_authz: \`- { exact: x-forwarded-for, ignore_case: true }\`, ${TRUSTED}.`,
    path: 'In http_service of ext_authz: `path_prefix: /check`, and no headers_to_add that names a path.',
    field: (name) =>
      `In allowed_headers of ext_authz: \`- { exact: ${name}, ignore_case: true }\`.`,
    refusal: 'In authorization_response of ext_authz, take out allowed_client_headers.',
    preflight:
      'In allowed_headers of ext_authz: `- { exact: origin, ignore_case: true }` and `- { exact: access-control-request-method, ignore_case: true }`.',
  },
  apisix: {
    address: `Take out the plugin real-ip, or let it trust your load balancer alone: forward-auth writes X-Forwarded-For, ${TRUSTED}.`,
    path: 'Take X-Forwarded-Uri out of request_headers and extra_headers: forward-auth writes it itself.',
    field: (name) => `In request_headers of forward-auth: \`- ${name}\`.`,
    refusal:
      'In client_headers of forward-auth: `- Content-Type`, `- Cache-Control`, `- Keyfence-Request-Id`, `- WWW-Authenticate`, `- Retry-After`, `- Access-Control-Allow-Origin`, `- Access-Control-Expose-Headers` and `- Vary`.',
    preflight: 'A route of their own: `methods: [OPTIONS]` to `uri: /preflight` (examples/apisix).',
  },
}
