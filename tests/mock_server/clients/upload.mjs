// Uploads one file of zeros as a stream and prints the status and body of the answer.
// Arguments: kind (fetch-stream, fetch-form, http), url, key, size in bytes.
import http from 'node:http'
import { Readable } from 'node:stream'

const [kind, url, key, sizeText] = process.argv.slice(2)
const size = Number(sizeText)
const boundary = 'client-boundary'
const text = (name, value) =>
  `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
const before = Buffer.from(
  text('userId', 'user-john-doe') + text('eventId', 'summer-gala') +
  `--${boundary}\r\nContent-Disposition: form-data; name="assets"; filename="big.mp4"\r\n` +
  'Content-Type: video/mp4\r\n\r\n')
const after = Buffer.from(`\r\n--${boundary}--\r\n`)
const headers = {
  'content-type': `multipart/form-data; boundary=${boundary}`,
  'x-distinct-api-key': key,
}

async function * body () {
  yield before
  const block = Buffer.alloc(1 << 16)
  for (let left = size; left > 0; left -= block.length) yield left < block.length ? block.subarray(0, left) : block
  yield after
}

function viaHttp () {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method: 'POST', headers }, (response) => {
      const chunks = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () => resolve([response.statusCode, Buffer.concat(chunks).toString()]))
    })
    request.on('error', reject)
    Readable.from(body()).pipe(request)
  })
}

async function viaFetch () {
  const form = new FormData()
  form.set('userId', 'user-john-doe')
  form.set('eventId', 'summer-gala')
  form.set('assets', new Blob([new Uint8Array(size)], { type: 'video/mp4' }), 'big.mp4')
  const sent = kind === 'fetch-form'
    ? { headers: { 'x-distinct-api-key': key }, body: form }
    : { headers, body: Readable.from(body()), duplex: 'half' }
  const response = await fetch(url, { method: 'POST', ...sent })
  return [response.status, await response.text()]
}

const [status, answer] = await (kind === 'http' ? viaHttp() : viaFetch())
console.log(`${status} ${answer}`)
process.exit(0)
