import { grouped, numberSetting } from './setting.ts'

/** The settings of the console's sessions. */
export const SESSION_SETTINGS = grouped('Management', {
  sessionIdleMinutes: numberSetting({
    default: '60',
    range: [1, 1440],
    unit: 'min',
    meaning: 'How long a console session lasts without a request.',
  }),
  sessionHoursMax: numberSetting({
    default: '12',
    range: [1, 720],
    unit: 'h',
    meaning: 'How long a console session lasts at most; then one signs in again.',
  }),
})
