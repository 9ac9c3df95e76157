import { grouped, numberSetting } from './setting.ts'

/** The settings of what is recorded of requests. */
export const ACTIVITY_SETTINGS = grouped('Activity', {
  activityDays: numberSetting({
    default: '30',
    range: [1, 400],
    unit: 'days',
    meaning:
      'How long refusals and what was seen are kept. Calls are counted by the hour as long, then by the day.',
  }),
  refusalsPerTokenMax: numberSetting({
    default: '1000',
    range: [10, 100_000],
    meaning:
      'How many refusals of a token are kept; those without a known token share ten times as many.',
  }),
  activityQueueMax: numberSetting({
    default: '50000',
    range: [100, 1_000_000],
    meaning: 'How many refusals may wait in memory to be written; further ones are only counted.',
  }),
})
