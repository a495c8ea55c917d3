/** Text of others in a line of ours: what comes from documents, names of files and definitions must not steer a terminal. */

/** Controls could move the cursor or worse, ends of lines could feign a message, marks of direction turn what is read. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones meant
const steering = /[\u0000-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]+/g

/** A text as one line that is safe for a terminal. */
export function printable(text: string): string {
  return text.replace(steering, ' ')
}

/** The same of several lines. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n')
}
