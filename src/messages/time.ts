/** A time as people read it: by the clock of this machine, and how far that is from UTC. `2026-03-01 08:05:09 +08:00` */
export function timeSaid(iso: string): string {
  const time = new Date(iso)
  const offset = -time.getTimezoneOffset()
  const two = (part: number): string => String(Math.floor(part)).padStart(2, '0')
  const local = new Date(time.getTime() + offset * 60_000).toISOString()
  const away = Math.abs(offset)
  return `${local.slice(0, 10)} ${local.slice(11, 19)} ${offset < 0 ? '-' : '+'}${two(away / 60)}:${two(away % 60)}`
}
