import type { Config, SettingName } from './config.ts'
import type { SettingProblem } from './setting.ts'
import type { Written } from './written.ts'

/** Settings that are judged together. */
export interface Combination {
  readonly settings: readonly SettingName[]
  readonly code: SettingProblem['code']
  /** What to do, if this combination is not allowed. */
  readonly refuse: (
    config: Config,
    written: ReadonlyMap<SettingName, Written>,
  ) => string | undefined
}
