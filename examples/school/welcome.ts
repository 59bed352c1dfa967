import { HttpResponse } from 'twopi/http'

/** Lines to type, for the terminal and for the page at `/`. */
export function curlLines(origin: string): readonly string[] {
  const api = `${origin}/api/v1`
  return [
    `curl -d username=test -d password=test ${api}/login`,
    `curl -X POST -H "Authorization: Bearer $TOKEN" ${api}/protected`,
    `curl -H "Authorization: Bearer $TOKEN" --json '{"name": "Algebra"}' ${api}/classes`,
    `curl -X POST -H "Authorization: Bearer $TOKEN" ${api}/reports`,
  ]
}

/** What `npm start` prints. */
export function greeting(framework: string, origin: string): string {
  return `
The school is open: ${origin} (${framework})
Demo user: test, password: test

Try, with the token of the first answer as TOKEN:

${curlLines(origin)
  .map((line) => `  ${line}`)
  .join('\n')}
`
}

/** A view: the same for a browser. */
export function welcomePage(origin: string): HttpResponse {
  const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>A small school</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 3rem auto; padding: 0 1rem }
  pre { background: #f4f4f4; padding: 1rem; overflow-x: auto }
  @media (prefers-color-scheme: dark) { body { background: #111; color: #eee } pre { background: #222 } a { color: #8bf } }
</style>
<h1>A small school</h1>
<p>This is an API; log in as <b>test</b> with the password <b>test</b>. With the token of the first answer as <code>TOKEN</code>:</p>
<pre>${curlLines(origin).join('\n').replaceAll('"', '&quot;')}</pre>
<p>Everybody may look at <a href="/api/v1/classes">the classes</a> and at <a href="/api/v1/docs">all there is, to try out</a>.</p>
</html>
`
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  }
  return new HttpResponse(200, headers, page)
}
