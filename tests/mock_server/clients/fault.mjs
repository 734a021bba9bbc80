// Posts one small JSON body with fetch and prints what came of it: `answered <status> <body>`, or `failed <code>`.
// Argument: url.
const [url] = process.argv.slice(2)

async function outcome () {
  try {
    const response = await fetch(url, { method: 'POST', body: '{"a":1}', redirect: 'manual' })
    return `answered ${response.status} ${await response.text()}`
  } catch (error) {
    return `failed ${error.cause?.code ?? error.cause?.name ?? error.name}`
  }
}

console.log(await outcome())
process.exit(0)
