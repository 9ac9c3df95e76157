/** One long check. */
export interface NightlyJob {
  readonly name: string
  /** What it would find. */
  readonly finds: string
  /** `undefined`: this checkout has no such script. */
  readonly run: JobRun | undefined
}

/** How a job is run, from the root of the checkout. */
export interface JobRun {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** What there is to choose from. */
export interface NightlyWorld {
  /** The names of the scripts in package.json. */
  readonly scripts: readonly string[]
  /** A short piece of each: shows that it runs, and finds little. */
  readonly isQuick: boolean
}

const STATE_FILE = 'dist/differential-state.json'

/** Every long check, in the order in which they are run: what finds most in an hour comes first. */
export function nightlyJobs({ scripts, isQuick }: NightlyWorld): readonly NightlyJob[] {
  const scripted = (name: string, parameters: readonly string[]): JobRun | undefined => {
    if (!scripts.includes(name)) return undefined
    return { command: ['npm', 'run', name, '--', ...parameters], env: {} }
  }
  return [
    {
      name: 'simulation',
      finds: 'orders of events in which nodes do not agree',
      run: scripted('simulate', ['--seeds', isQuick ? '20' : '10000']),
    },
    {
      name: 'fuzz',
      finds: 'octets that a parser or a door does not bear',
      run: scripted('fuzz', ['--seconds', isQuick ? '1' : '1800']),
    },
    {
      name: 'mutants',
      finds: 'lines that no test holds',
      run: scripted('mutants', isQuick ? ['packages/core/src/token/state.ts'] : []),
    },
    {
      name: 'faults',
      finds: 'promises that three nodes on PostgreSQL break while their database fails',
      run: scripted('faults', isQuick ? ['--check'] : ['--check', '--full']),
    },
    {
      name: 'kills',
      finds: 'acknowledged changes that a killed process loses',
      run: {
        command: ['vitest', 'run', 'packages/server/test/crash/kills.test.ts'],
        env: { KILLS: isQuick ? '20' : '1000' },
      },
    },
    {
      name: 'differential',
      finds: 'requests that the specification decides otherwise',
      run: {
        command: [
          'node',
          'packages/core/differential/run.ts',
          ...(isQuick ? ['--cases', '2000'] : ['--cases', '100000000', '--state', STATE_FILE]),
        ],
        env: {},
      },
    },
  ]
}
