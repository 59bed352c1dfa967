import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { buildCli, type Finished, finish } from './build-cli.ts'

let built: string
let main: string
let directory: string
beforeAll(() => {
  built = buildCli()
  main = join(built, 'dist/cli/main.js')
})
afterAll(() => rmSync(built, { recursive: true }))
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'twopi-cli-cwd-')))
})
afterEach(() => rmSync(directory, { recursive: true }))

const twopi = (args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Finished> =>
  finish(process.execPath, [main, ...args], directory, env)

const commit = 'a'.repeat(40)
function makeRepository(): void {
  mkdirSync(join(directory, '.git'))
  writeFileSync(join(directory, '.git/HEAD'), `${commit}\n`)
}

describe('help', () => {
  test.each([
    [
      ['--help'],
      /^The command line tool.*Usage: twopi <command>.*release .*Examples:.*twopi release write 1\.2\.0.*Exit codes:.*2 +the command line/s,
    ],
    [['-h'], /Usage: twopi <command>/],
    [['help'], /Usage: twopi <command>/],
    [['release', '--help'], /Usage: twopi release <command>.*write .*show .*Examples:.*git describe/s],
    [['help', 'release'], /Usage: twopi release <command>/],
    [
      ['release', 'write', '--help'],
      /Usage: twopi release write \[VERSION\] \[options\].*--dir DIR.*--file FILE.*Examples:.*write dist\/REVISION/s,
    ],
    [['release', 'show', '-h'], /Usage: twopi release show \[options\].*--json.*Examples:/s],
  ])('%j teaches on stdout', async (args, text) => {
    const { code, stdout, stderr } = await twopi(args)
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(text)
  })
  test.each([[[]], [['release']]])('%j alone teaches on stderr and is an error', async (args) => {
    const { code, stdout, stderr } = await twopi(args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/Usage: .*Examples:/s)
  })
  test('every line of the help fits a terminal of 100 columns', async () => {
    for (const args of [[], ['release'], ['release', 'write'], ['release', 'show'], ['celery'], ['celery', 'worker']]) {
      const { stdout } = await twopi([...args, '--help'])
      for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100)
    }
  })
  test('--version prints the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(join(built, 'package.json'), 'utf8'))
    expect(await twopi(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' })
  })
  test('the entry starts with a shebang', () => {
    expect(readFileSync(main, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/)
  })
})

describe('a wrong command line exits with 2 and says what was meant', () => {
  test.each([
    [['relaese'], 'error: unknown command `twopi relaese`, did you mean `twopi release`?; see `twopi --help`'],
    [
      ['-A', 'x.js', 'celery', 'worker'],
      'error: options come after the commands: `twopi celery … -A`; see `twopi --help`',
    ],
    [
      ['celery', '-A', 'x.js', 'worker'],
      'error: options come after the commands: `twopi celery worker … -A`; see `twopi celery --help`',
    ],
    [['queue'], 'error: unknown command `twopi queue`; see `twopi --help`'],
    [['constructor'], 'error: unknown command `twopi constructor`; see `twopi --help`'],
    [['--version', 'x'], 'error: `twopi --version` takes nothing else, found `x`; see `twopi --help`'],
    [['--verison'], 'error: unknown option `twopi --verison`; see `twopi --help`'],
    [
      ['release', 'wriet'],
      'error: unknown command `twopi release wriet`, did you mean `twopi release write`?; see `twopi release --help`',
    ],
    [
      ['release', 'show', '--jsno'],
      'error: unknown option `--jsno`, did you mean `--json`?; see `twopi release show --help`',
    ],
    [['release', 'show', '-x'], 'error: unknown option `-x`; see `twopi release show --help`'],
    [
      ['release', 'show', 'x'],
      'error: `twopi release show` takes no words and options, found `x`; see `twopi release show --help`',
    ],
    [
      ['release', 'write', '1', '2'],
      'error: `twopi release write` takes [VERSION] and options, found `1 2`; see `twopi release write --help`',
    ],
    [['release', 'write', '--dir'], "error: Option '--dir <value>' argument missing; see `twopi release write --help`"],
    [['release', 'write', ''], 'error: VERSION must be one line of text, found none or more'],
    [['release', 'write', 'a\nb'], 'error: VERSION must be one line of text, found none or more'],
  ])('%j', async (args, message) => {
    expect(await twopi(args)).toEqual({ code: 2, stdout: '', stderr: `${message}\n` })
    expect(readdirSync(directory)).toEqual([])
  })
})

describe('release write', () => {
  const file = () => join(directory, 'version.txt')

  test('writes VERSION, prints it, and says where it went', async () => {
    expect(await twopi(['release', 'write', '1.2.0'])).toEqual({
      code: 0,
      stdout: '1.2.0\n',
      stderr: `wrote ${file()}\n`,
    })
    expect(readFileSync(file(), 'utf8')).toBe('1.2.0\n')
    expect(readdirSync(directory)).toEqual(['version.txt'])
  })
  test('takes another directory and file, and a version that starts with a dash', async () => {
    mkdirSync(join(directory, 'dist'))
    const { code } = await twopi(['release', 'write', '--dir', 'dist', '--file=REVISION', '--', '-1'])
    expect(code).toBe(0)
    expect(readFileSync(join(directory, 'dist/REVISION'), 'utf8')).toBe('-1\n')
  })
  test('without VERSION asks the variables, then git, and not the old file', async () => {
    makeRepository()
    writeFileSync(file(), 'old')
    const variable = { SOURCE_VERSION: 'v1' }
    expect(await twopi(['release', 'write'], variable)).toEqual({
      code: 0,
      stdout: 'v1\n',
      stderr: `wrote ${file()} (from env:SOURCE_VERSION)\n`,
    })
    expect(await twopi(['release', 'write'])).toEqual({
      code: 0,
      stdout: `${commit}\n`,
      stderr: `wrote ${file()} (from git)\n`,
    })
    expect(readFileSync(file(), 'utf8')).toBe(`${commit}\n`)
  })
  test('a variable of two lines is told in one line and writes nothing', async () => {
    expect(await twopi(['release', 'write'], { SENTRY_RELEASE: 'a\nb' })).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: env:SENTRY_RELEASE must be one line of text, found more\n',
    })
    expect(readdirSync(directory)).toEqual([])
  })
  test('--dir says for write and show alike where the search for git starts', async () => {
    makeRepository()
    const other = 'b'.repeat(40)
    mkdirSync(join(directory, 'o/.git'), { recursive: true })
    writeFileSync(join(directory, 'o/.git/HEAD'), `${other}\n`)
    mkdirSync(join(directory, 'dist'))
    for (const [dir, release] of [
      ['o', other],
      ['dist', commit],
    ] as const) {
      expect((await twopi(['release', 'show', '--dir', dir, '--git'])).stdout).toBe(`${release}\n`)
      expect((await twopi(['release', 'write', '--dir', dir])).stdout).toBe(`${release}\n`)
      expect(readFileSync(join(directory, dir, 'version.txt'), 'utf8')).toBe(`${release}\n`)
    }
    const path = join(directory, 'o/absolute.txt')
    expect((await twopi(['release', 'write', '--file', path])).stdout).toBe(`${commit}\n`)
    expect(readFileSync(path, 'utf8')).toBe(`${commit}\n`)
  })
  test('without VERSION and without anyone to ask exits with 1 and writes nothing', async () => {
    const { code, stdout, stderr } = await twopi(['release', 'write'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(
      /no VERSION was given, and neither the variables nor git tell one; run `twopi release write VERSION`/,
    )
    expect(readdirSync(directory)).toEqual([])
  })
  test('a directory that is missing exits with 1 and is named', async () => {
    expect(await twopi(['release', 'write', '1', '--dir', 'missing'])).toEqual({
      code: 1,
      stdout: '',
      stderr: `error: the release's file ${join(directory, 'missing/version.txt')} cannot be written: ENOENT\n`,
    })
  })
  test('a file that cannot be written exits with 1 and leaves nothing behind', async () => {
    mkdirSync(join(directory, 'version.txt/x'), { recursive: true })
    const { code, stderr } = await twopi(['release', 'write', '1'])
    expect(code).toBe(1)
    expect(stderr).toMatch(/version\.txt cannot be written: E(ISDIR|EXIST|NOTEMPTY|PERM)/)
    expect(readdirSync(directory)).toEqual(['version.txt'])
  })
  test('a file in a directory without the right to write exits with 1', async () => {
    // /proc refuses everyone, also the superuser that tests may run as.
    const { code, stdout } = await twopi(['release', 'write', '1', '--dir', '/proc'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
  })
  test('a git directory that cannot be read exits with 1 and writes nothing', async () => {
    writeFileSync(join(directory, '.git'), 'nonsense')
    const { code, stderr } = await twopi(['release', 'write'])
    expect(code).toBe(1)
    expect(stderr).toContain('.git cannot be read: expected `gitdir: <path>`')
    expect(readdirSync(directory)).toEqual(['.git'])
  })
})

describe('release show', () => {
  test('prints what write wrote, and with --json who told it', async () => {
    await twopi(['release', 'write', '1.2.0'])
    expect(await twopi(['release', 'show'])).toEqual({ code: 0, stdout: '1.2.0\n', stderr: '' })
    expect(await twopi(['release', 'show', '--json'])).toEqual({
      code: 0,
      stdout: '{"release":"1.2.0","source":"file"}\n',
      stderr: '',
    })
  })
  test('prints __UNKNOWN__ when none tells, and the way on to stderr', async () => {
    const { code, stdout, stderr } = await twopi(['release', 'show'])
    expect({ code, stdout }).toEqual({ code: 0, stdout: '__UNKNOWN__\n' })
    expect(stderr).toContain('twopi release write VERSION')
  })
  test('looks into git and package.json when asked to', async () => {
    writeFileSync(join(directory, 'package.json'), '{"name":"school","version":"1.0.0"}')
    expect((await twopi(['release', 'show', '--package-json'])).stdout).toBe('school@1.0.0\n')
    makeRepository()
    expect((await twopi(['release', 'show', '--package-json', '--git'])).stdout).toBe(`${commit}\n`)
  })
  test('a file that cannot be read exits with 1', async () => {
    symlinkSync('version.txt', join(directory, 'version.txt'))
    const { code, stdout, stderr } = await twopi(['release', 'show'])
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(/^error: the release's file .*version\.txt cannot be read: ELOOP\n$/)
  })
})

describe('pipes and terminals', () => {
  const sh = (line: string, env: NodeJS.ProcessEnv = {}) =>
    finish('sh', ['-c', line], directory, { NODE: process.execPath, MAIN: main, ...env })

  test('only the result goes into a pipe', async () => {
    const { stdout } = await sh('"$NODE" "$MAIN" release write 1.2.0 2>/dev/null | tr a-z A-Z')
    expect(stdout).toBe('1.2.0\n')
  })
  test('a reader that goes away is no failure', async () => {
    const child = spawn(process.execPath, [main, '--help'], { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.destroy() // long before the program has started to write
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const [code] = await once(child, 'close')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })
  test('there are no colours in a pipe', async () => {
    const { stdout } = await twopi(['--help'], { FORCE_COLOR: '1', TERM: 'xterm-256color' })
    expect(stdout).not.toContain('\u001b')
  })
  test('on a terminal the headings are bold, unless NO_COLOR or a dumb terminal say no', async ({ skip }) => {
    const line = 'script -qec \'"$NODE" "$MAIN" --help\' /dev/null'
    const terminal = await sh(line, { TERM: 'xterm' })
    if (terminal.code === 127) {
      if (process.env['CI']) throw new Error('install bsdutils, for `script`')
      skip('install bsdutils, for `script`')
    }
    expect(terminal.stdout).toContain('\u001b[1mExamples:\u001b[22m')
    expect((await sh(line, { TERM: 'xterm', NO_COLOR: '1' })).stdout).not.toContain('\u001b')
    expect((await sh(line, { TERM: 'dumb' })).stdout).not.toContain('\u001b')
  })
})
