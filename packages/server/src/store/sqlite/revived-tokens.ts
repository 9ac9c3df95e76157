import type { EpochMs } from '@keyfence/core'
import type { DatabaseSync } from 'node:sqlite'

/** A token that is refused today and would be accepted again after a restore. */
export interface RevivedToken {
  readonly id: string
  readonly name: string
  readonly owner: string
  /** What happened to it since the backup. */
  readonly because: 'revoked' | 'disabled' | 'deleted' | 'rotated' | 'expired'
}

/**
 * Which tokens a sound backup would bring back to life.
 * @param current has, of the store as it is, at least the secrets that do not simply live, and their tokens.
 */
export function revivedTokens(
  current: DatabaseSync,
  { backupPath, now }: { readonly backupPath: string; readonly now: EpochMs },
): readonly RevivedToken[] {
  current.prepare('attach database ? as copy').run(backupPath)
  return current.prepare(REVIVED).all({ now }) as unknown as RevivedToken[] // what the query selects
}

/** A secret that lives in the copy, and does not live now or not as long, though its hash is known. */
const REVIVED = `
  select distinct then_token.id, then_token.name, then_token.owner,
    case
      when now_token.id is null then 'deleted'
      when now_token.status <> 'active' then now_token.status
      when now_token.expires_at <= :now then 'expired'
      else 'rotated'
    end as because
  from copy.secrets as then_secret
  join copy.tokens as then_token on then_token.id = then_secret.token_id
  join main.secrets as now_secret on now_secret.hash = then_secret.hash
  left join main.tokens as now_token on now_token.id = now_secret.token_id
  where then_token.status = 'active'
    and (then_token.expires_at is null or then_token.expires_at > :now)
    and (then_secret.ends_at is null or then_secret.ends_at > :now)
    and (now_token.id is null or now_token.status <> 'active' or now_token.expires_at <= :now
      or (now_secret.ends_at is not null
        and (then_secret.ends_at is null or now_secret.ends_at < then_secret.ends_at)))
  order by then_token.id`
