import { Worker, type WorkerOptions } from 'node:worker_threads'

/**
 * Starts a thread on a module that lies beside another: `startThread(import.meta.url, './x-thread')`.
 * Published files end in .js, those of a checkout in .ts.
 */
export function startThread(
  besideUrl: string,
  module: string,
  options: Pick<WorkerOptions, 'workerData' | 'transferList'>,
): Worker {
  const extension = besideUrl.slice(besideUrl.lastIndexOf('.'))
  return new Worker(new URL(`${module}${extension}`, besideUrl), {
    ...options,
    execArgv: ['--disable-warning=ExperimentalWarning'],
  })
}
