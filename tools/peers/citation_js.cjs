// citation-js as a converter: node citation_js.cjs ris bibtex < library.ris > library.bib
//
// NODE_PATH names the folder `node_modules` that holds @citation-js/core and its plugins.
const { plugins, Cite } = require('@citation-js/core')
require('@citation-js/plugin-bibtex')
require('@citation-js/plugin-ris')
require('@citation-js/plugin-csl')

const [from, to] = process.argv.slice(2)
const input = { ris: '@ris/file', bibtex: '@bibtex/text', 'csl-json': '@csl/list+object' }[from]
const output = { ris: 'ris', bibtex: 'bibtex', 'csl-json': 'data' }[to]
plugins.config.get('@bibtex').format.checkLabel = false

const text = require('fs').readFileSync(0, 'utf8')
const data = from === 'csl-json' ? JSON.parse(text) : text
const cite = new Cite(data, { forceType: input })
const written = cite.format(output)
process.stdout.write(typeof written === 'string' ? written : JSON.stringify(written))
