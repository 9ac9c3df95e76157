import type { CheckProfileName } from '../../config/config.ts'
import { APISIX } from './apisix.ts'
import { CADDY } from './caddy.ts'
import type { CheckProfile } from './check-profile.ts'
import { ENVOY } from './envoy.ts'
import { HAPROXY } from './haproxy.ts'
import { NGINX } from './nginx.ts'
import { PLAIN } from './plain.ts'
import { TRAEFIK } from './traefik.ts'

/** The profiles by their names in the setting `checkProfile`. */
export const CHECK_PROFILES: Record<CheckProfileName, CheckProfile> = {
  plain: PLAIN,
  nginx: NGINX,
  haproxy: HAPROXY,
  traefik: TRAEFIK,
  caddy: CADDY,
  apisix: APISIX,
  envoy: ENVOY,
}
