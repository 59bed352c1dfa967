import { request } from 'node:http'
import { keeperVariable } from './keeper-variable.ts'

/** A service that many files of tests share. */
export interface SharedService {
  /** By what the keeper of this run starts it. */
  readonly name: ServiceName
  /** The package that has it. */
  readonly install: string
  /** The environment variable that may hold its URL. */
  readonly variable: string
  /** The URL at the standard port. */
  readonly standard: string
  /** Tells whether it serves at the standard port. */
  readonly serves: () => Promise<boolean>
  /** Tells whether it can be started here. */
  readonly installed: () => boolean
}

export type ServiceName = 'redis' | 'rabbitmq'

/** Finds the service, or has it started by the keeper of this run, which ends it after the last file of tests. */
export async function findService(service: SharedService): Promise<string | undefined> {
  const { name, install, variable, standard, serves, installed } = service
  const given = process.env[variable]
  if (given) return given
  if (await serves()) return standard
  if (installed()) return askKeeper(name)
  if (process.env['CI']) throw new Error(`install ${install}`)
  return undefined
}

/** The keeper is in the main process of the run: `keeper.ts`. */
function askKeeper(name: ServiceName): Promise<string> {
  const socketPath = process.env[keeperVariable]
  if (socketPath === undefined) throw new Error(`no ${keeperVariable}: vitest.config.ts must name the keeper`)
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path: `/${name}` }, (response) => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', (piece: string) => {
        text += piece
      })
      response.on('end', () => (response.statusCode === 200 ? resolve(text) : reject(new Error(text))))
    })
    asked.on('error', reject)
    asked.end()
  })
}
