/** What the page is made of. */
export interface DocsPageParts {
  readonly title: string
  /** The path of the request, without the query: the files are below its last segment, whatever a proxy put before. */
  readonly path: string
  /** Seen from the page. */
  readonly documentUrl: string
}

/** The page: no inline script, no inline style, and no address but relative ones. */
export function docsPage({ title, path, documentUrl }: DocsPageParts): string {
  const last = path.slice(path.lastIndexOf('/') + 1)
  const base = escapeHtml(last === '' ? './' : `./${last}/`)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="icon" type="image/png" href="${base}favicon-32x32.png">
<link rel="stylesheet" href="${base}swagger-ui.css">
</head>
<body>
<div id="docs" data-url="${escapeHtml(documentUrl)}"></div>
<noscript>This page needs JavaScript. The same for programs: <a href="${escapeHtml(documentUrl)}">the document</a>.</noscript>
<script src="${base}swagger-ui-bundle.js"></script>
<script src="${base}start.js"></script>
</body>
</html>
`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
