/** `gouji config`: every setting with its value and where it was said; of secrets only that they are there. */
import { type Setting, settings } from '../config.ts'
import { allowedIn, meaningOf } from '../messages/settings.ts'
import { drawTable } from './print.ts'
import { exit, type Shell } from './shell.ts'

/** Shows the settings in force. That they are valid was checked before. */
export async function showSettings(shell: Shell, { format }: { readonly format: 'table' | 'json' }): Promise<number> {
  const { words: w, config, said } = shell
  const all: readonly Setting[] = settings
  const found = settings.map(({ name }) => said.get(name)!)
  const rows = all.map((setting, index) => {
    const { text, where } = found[index]!
    // Addresses are shown without their password; of the others nothing may be seen.
    const shown = setting.secret && setting.kind === 'text' && text !== '' ? '***' : shell.hide(text)
    const { name, preset, secret = false } = setting
    const allowed = allowedIn(setting, config.lang)
    return { name, value: shown, where, default: preset, allowed, secret, meaning: meaningOf(setting, config.lang) }
  })
  if (format === 'json') await shell.write(`${JSON.stringify(rows, null, 2)}\n`)
  else {
    const titles = [w.setting, w.value, w.saidIn, w.meaning]
    const lines = rows.map(({ name, value, where, meaning }) => [name, value, where, meaning])
    const columns = titles.map((title, index) => ({ title, widthMax: index === 3 ? 90 : 50 }))
    await shell.write(drawTable(columns, lines, shell.color))
  }
  return exit.fine
}
