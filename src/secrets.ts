/**
 * What must not be shown: passwords in the addresses of servers, and the secrets that the settings hold, in whatever form
 * they turn up in a line.
 */

/** Addresses of databases end at white space and quotes: a password may hold anything else, `@` and `'` too. */
const databaseUser = /\b((?:postgres(?:ql)?|rediss?):\/\/)[^\s"<>]*@/gi
const otherUser = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#"<>]*@/gi
const parameter = /([?&](?:ssl)?password=)[^&\s"<>]*/gi

const mask = '***'
/** What is shorter is no secret, and would be found in every other word. */
const charactersMin = 4

/** A text in which no address shows its password. */
export function hidePasswords(text: string): string {
  return text.replace(databaseUser, `$1${mask}@`).replace(otherUser, `$1${mask}@`).replace(parameter, `$1${mask}`)
}

/** The same for these secrets too, as they are, inside JSON, and encoded as in addresses. */
export function makeHider(secrets: readonly string[]): (text: string) => string {
  const forms = new Set<string>()
  for (const secret of secrets.filter(({ length }) => length >= charactersMin)) {
    for (const form of [secret, encodeURIComponent(secret), encodeURI(secret)]) {
      forms
        .add(form)
        .add(jsonOf(form))
        .add(jsonOf(jsonOf(form)))
    }
  }
  // The longest first: a form that is part of another must not cut it.
  const sorted = [...forms].sort((a, b) => b.length - a.length)
  return (text) => hidePasswords(sorted.reduce((rest, form) => rest.replaceAll(form, mask), text))
}

function jsonOf(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}
