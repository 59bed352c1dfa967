import { execFileSync } from 'node:child_process'
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
import { isTwopiError } from 'twopi'
import {
  getRelease,
  getReleaseInfo,
  ReleaseError,
  type ReleaseOptions,
  releaseVariables,
  resetReleaseCache,
  writeRelease,
} from 'twopi/deployment-release'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

let directory: string
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'twopi-release-')))
  resetReleaseCache()
  for (const source of releaseVariables) vi.stubEnv(source.slice('env:'.length), undefined)
})
afterEach(() => rmSync(directory, { recursive: true }))

function write(path: string, text: string): void {
  mkdirSync(join(directory, path, '..'), { recursive: true })
  writeFileSync(join(directory, path), text)
}

function codeOf(call: () => unknown): string {
  try {
    call()
  } catch (error) {
    if (isTwopiError(error)) return error.code
    throw error
  }
  return 'nothing was thrown'
}

describe('the original', () => {
  test('version.txt in the working directory is the release', () => {
    vi.spyOn(process, 'cwd').mockReturnValue(directory)
    write('version.txt', 'fakeversion')
    expect(getRelease()).toBe('fakeversion')
    vi.restoreAllMocks()
  })
  test('without it the release is __UNKNOWN__', () => {
    expect(getRelease({ directory })).toBe('__UNKNOWN__')
    expect(getReleaseInfo({ directory })).toEqual({ release: '__UNKNOWN__', source: 'none' })
  })
  test.each([
    [' 1.2.0 \r\n', '1.2.0'],
    ['\ufeff1.2.0\n', '1.2.0'],
    ['', ''],
    [' \n', ''],
  ])('%j in the file is the release %j', (text, release) => {
    write('version.txt', text)
    expect(getReleaseInfo({ directory })).toEqual({ release, source: 'file' })
  })
})

describe('the order of the sources', () => {
  test('is the file, the variables as listed, git, package.json', () => {
    expect(releaseVariables).toEqual(
      [
        'SENTRY_RELEASE',
        'SOURCE_VERSION',
        'HEROKU_SLUG_COMMIT',
        'HEROKU_BUILD_COMMIT',
        'CODEBUILD_RESOLVED_SOURCE_VERSION',
        'CIRCLE_SHA1',
        'VERCEL_GIT_COMMIT_SHA',
        'RELEASE',
        'GIT_SHA',
      ].map((name) => `env:${name}`),
    )
    write('version.txt', 'from the file')
    write('.git/HEAD', `${'a'.repeat(40)}\n`)
    write('package.json', '{"name":"school","version":"1.0.0"}')
    for (const source of releaseVariables) vi.stubEnv(source.slice('env:'.length), ` ${source} `)
    const options = { directory, git: true, packageJson: true }
    const seen: [string, string][] = []
    const look = () => {
      resetReleaseCache()
      const { release, source } = getReleaseInfo(options)
      seen.push([source, release])
    }
    look()
    rmSync(join(directory, 'version.txt'))
    for (const source of releaseVariables) {
      look()
      vi.stubEnv(source.slice('env:'.length), source.length % 2 === 0 ? ' ' : undefined)
    }
    look()
    rmSync(join(directory, '.git'), { recursive: true })
    look()
    rmSync(join(directory, 'package.json'))
    expect(seen).toEqual([
      ['file', 'from the file'],
      ...releaseVariables.map((source) => [source, source]),
      ['git', 'a'.repeat(40)],
      ['package.json', 'school@1.0.0'],
    ])
  })
  test('git and package.json are not read unless asked for', () => {
    write('.git/HEAD', 'a'.repeat(40))
    write('package.json', '{"name":"school","version":"1.0.0"}')
    expect(getRelease({ directory })).toBe('__UNKNOWN__')
  })
  test('another list replaces it', () => {
    write('version.txt', 'x')
    vi.stubEnv('MY_RELEASE', 'y')
    expect(getReleaseInfo({ directory, sources: ['env:MY_RELEASE', 'file'] })).toEqual({
      release: 'y',
      source: 'env:MY_RELEASE',
    })
    expect(getRelease({ directory, sources: [] })).toBe('__UNKNOWN__')
  })
  test('a wrong list is a TypeError', () => {
    expect(() => getRelease({ sources: ['SENTRY_RELEASE', 'env:'] } as unknown as ReleaseOptions)).toThrow(
      new TypeError(
        "`sources` must be of 'file', 'env:NAME', 'git' and 'package.json', found 'SENTRY_RELEASE', 'env:'",
      ),
    )
    expect(() => getRelease({ sources: ['file'], git: true } as unknown as ReleaseOptions)).toThrow(TypeError)
    // @ts-expect-error the compiler knows it too
    expect(() => getRelease({ sources: ['file'], git: true })).toThrow(TypeError)
  })
  test('another file and directory are taken', () => {
    write('build/REVISION', 'r1')
    expect(getRelease({ directory: join(directory, 'build'), file: 'REVISION' })).toBe('r1')
    expect(getRelease({ directory, file: 'build/REVISION' })).toBe('r1')
    expect(getRelease({ directory: undefined, file: join(directory, 'build/REVISION') })).toBe('r1')
  })
})

describe('the cache', () => {
  test('keeps an answer per options until it is reset', () => {
    write('version.txt', 'one')
    write('other.txt', 'other')
    const info = getReleaseInfo({ directory })
    expect(Object.isFrozen(info)).toBe(true)
    write('version.txt', 'two')
    expect(getReleaseInfo({ directory })).toBe(info)
    expect(getRelease({ directory, file: 'other.txt' })).toBe('other')
    resetReleaseCache()
    expect(getRelease({ directory })).toBe('two')
  })
  test('does not keep an error', () => {
    mkdirSync(join(directory, 'version.txt'))
    expect(() => getRelease({ directory })).toThrow(ReleaseError)
    rmSync(join(directory, 'version.txt'), { recursive: true })
    write('version.txt', 'one')
    expect(getRelease({ directory })).toBe('one')
  })
})

describe('only "not there" falls through', () => {
  test('a directory that is missing, and a file in the place of one, are not there', () => {
    write('file', '')
    expect(getRelease({ directory: join(directory, 'missing') })).toBe('__UNKNOWN__')
    expect(getRelease({ directory: join(directory, 'file') })).toBe('__UNKNOWN__')
  })
  test('a file that cannot be read is an error with its path, reason and cause', () => {
    mkdirSync(join(directory, 'version.txt'))
    let error: unknown
    try {
      getRelease({ directory })
    } catch (caught) {
      error = caught
    }
    expect(error).toMatchObject({
      name: 'ReleaseError',
      code: 'ERR_RELEASE_UNREADABLE',
      path: join(directory, 'version.txt'),
      message: `the release's file ${join(directory, 'version.txt')} cannot be read: EISDIR`,
      cause: { code: 'EISDIR' },
    })
  })
  test('a loop of links is an error', () => {
    symlinkSync('version.txt', join(directory, 'version.txt'))
    expect(codeOf(() => getRelease({ directory }))).toBe('ERR_RELEASE_UNREADABLE')
  })
  test.each<[string, string, ReleaseOptions]>([
    ['package.json', '{', { packageJson: true }],
    ['.git', 'nonsense', { git: true }],
    ['.git/HEAD', 'nonsense', { git: true }],
    ['.git/HEAD', 'ref: refs/../../secret', { git: true }],
    ['.git/HEAD', 'ref: /etc/passwd', { git: true }],
  ])('%s with %j in it is an error', (path, text, options) => {
    write(path, text)
    expect(codeOf(() => getRelease({ ...options, directory } as ReleaseOptions))).toBe('ERR_RELEASE_UNREADABLE')
  })
})

describe('package.json', () => {
  const read = (at = '') => getRelease({ directory: join(directory, at), sources: ['package.json'] })
  test('is found upward, and one without name and version is passed over', () => {
    write('package.json', '{"name":"@school/api","version":"2.0.0"}')
    write('dist/package.json', '{"type":"module"}')
    write('dist/a/package.json', 'null')
    mkdirSync(join(directory, 'dist/a/b'))
    expect(read('dist/a/b')).toBe('@school/api@2.0.0')
  })
})

describe('git', () => {
  const id = 'b'.repeat(40)
  const read = (at = '') => getRelease({ directory: join(directory, at), sources: ['git'] })

  test('a detached HEAD is the commit itself, of SHA-256 repositories too', () => {
    write('.git/HEAD', `${id}\n`)
    expect(read()).toBe(id)
    resetReleaseCache()
    write('.git/HEAD', `${'c'.repeat(64)}\n`)
    expect(read()).toBe('c'.repeat(64))
  })
  test('a branch is read from its own file, and before the packed refs', () => {
    write('.git/HEAD', 'ref: refs/heads/feature/x\n')
    write('.git/refs/heads/feature/x', `${id}\n`)
    write('.git/packed-refs', `${'d'.repeat(40)} refs/heads/feature/x\n`)
    expect(read()).toBe(id)
  })
  test('a branch without its own file is read from the packed refs', () => {
    write('.git/HEAD', 'ref: refs/heads/main\n')
    write(
      '.git/packed-refs',
      `# pack-refs with: peeled fully-peeled sorted \n${'d'.repeat(40)} refs/heads/mai\n${id} refs/heads/main\n^${'e'.repeat(40)}\n`,
    )
    expect(read()).toBe(id)
  })
  test('a branch without a commit, and refs in another form than files, are not there', () => {
    write('.git/HEAD', 'ref: refs/heads/main\n')
    expect(read()).toBe('__UNKNOWN__')
    resetReleaseCache()
    write('.git/HEAD', 'ref: refs/heads/.invalid\n')
    expect(read()).toBe('__UNKNOWN__')
  })
  test('a ref that points to itself is an error and no hang', () => {
    write('.git/HEAD', 'ref: refs/heads/a\n')
    write('.git/refs/heads/a', 'ref: refs/heads/a\n')
    expect(codeOf(() => read())).toBe('ERR_RELEASE_UNREADABLE')
  })
  test('the repository is found upward, past a .git without a HEAD', () => {
    write('.git/HEAD', id)
    write('packages/api/.git/info', '')
    expect(read('packages/api')).toBe(id)
  })
  test('a worktree is read through its file and the directory that worktrees share', () => {
    write('main/.git/worktrees/w/HEAD', 'ref: refs/heads/w\n')
    write('main/.git/worktrees/w/commondir', '../..\n')
    write('main/.git/refs/heads/w', `${id}\n`)
    write('w/.git', `gitdir: ${join(directory, 'main/.git/worktrees/w')}\n`)
    expect(read('w')).toBe(id)
  })
  test('a submodule is read through its relative path', () => {
    write('.git/modules/sub/HEAD', `${id}\n`)
    write('sub/.git', 'gitdir: ../.git/modules/sub\n')
    expect(read('sub')).toBe(id)
  })

  test('what git itself wrote is read as git reads it', ({ skip }) => {
    const git = (at: string, ...args: string[]) => {
      const identity = ['-c', 'user.name=n', '-c', 'user.email=e', '-c', 'commit.gpgsign=false']
      const env = { PATH: process.env['PATH'], HOME: directory, GIT_CONFIG_NOSYSTEM: '1' }
      return execFileSync('git', [...identity, ...args], {
        cwd: at,
        env,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim()
    }
    try {
      git(directory, '--version')
    } catch (error) {
      if (process.env['CI']) throw error
      skip('install git')
    }
    const repository = join(directory, 'repository')
    const worktree = join(directory, 'worktree')
    mkdirSync(repository)
    git(repository, 'init', '-q')
    expect(read('repository')).toBe('__UNKNOWN__')
    git(repository, 'commit', '-q', '--allow-empty', '-m', 'one')
    git(repository, 'worktree', 'add', '-q', worktree)
    git(worktree, 'commit', '-q', '--allow-empty', '-m', 'two')
    const expected = [git(repository, 'rev-parse', 'HEAD'), git(worktree, 'rev-parse', 'HEAD')]
    expect(expected[0]).not.toBe(expected[1])
    resetReleaseCache()
    expect([read('repository'), read('worktree')]).toEqual(expected)
    git(repository, 'pack-refs', '--all')
    resetReleaseCache()
    expect([read('repository'), read('worktree')]).toEqual(expected)
    git(repository, 'checkout', '-q', '--detach')
    resetReleaseCache()
    expect(read('repository')).toBe(expected[0])
  })
})

describe('writeRelease', () => {
  test('writes what getRelease reads, over an older file and past the cache', () => {
    expect(writeRelease(' 1.0.0\n', { directory })).toBe(join(directory, 'version.txt'))
    expect(readFileSync(join(directory, 'version.txt'), 'utf8')).toBe('1.0.0\n')
    expect(getRelease({ directory })).toBe('1.0.0')
    writeRelease('2.0.0', { directory })
    expect(getRelease({ directory })).toBe('2.0.0')
    expect(readdirSync(directory)).toEqual(['version.txt'])
  })
  test('leaves nothing behind when it fails', () => {
    mkdirSync(join(directory, 'version.txt', 'x'), { recursive: true })
    expect(codeOf(() => writeRelease('1', { directory }))).toBe('ERR_RELEASE_UNWRITABLE')
    expect(codeOf(() => writeRelease('1', { directory: join(directory, 'missing') }))).toBe('ERR_RELEASE_UNWRITABLE')
    expect(readdirSync(directory)).toEqual(['version.txt'])
  })
  test.each(['', ' \n', 'a\nb', 'a\0'])('refuses %j', (release) => {
    expect(() => writeRelease(release, { directory })).toThrow(TypeError)
    expect(readdirSync(directory)).toEqual([])
  })
})
