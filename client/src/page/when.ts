const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** What a distance in time is told in: the first unit that it is long enough for. */
const units = [
  { below: HOUR, unit: 'minute', ms: MINUTE },
  { below: DAY, unit: 'hour', ms: HOUR },
  { below: 7 * DAY, unit: 'day', ms: DAY },
  { below: 30 * DAY, unit: 'week', ms: 7 * DAY },
  { below: 365 * DAY, unit: 'month', ms: 30 * DAY },
  { below: Infinity, unit: 'year', ms: 365 * DAY },
] as const

/**
 * How long ago something was, as people say it: "now", "5 minutes ago", "yesterday". What another machine's clock puts
 * into the future is now.
 *
 * @param time wall-clock milliseconds, as is `now`
 * @param language a BCP 47 tag
 */
export function whenWas(time: number, now: number, language: string): string {
  const ago = now - time
  return ago < MINUTE ? spoken(0, 'second', language) : distance(ago, -1, language)
}

/**
 * In how long something will be, to the nearest unit: "in 6 days", and never less than a minute. What was to be in a day
 * a moment ago still is.
 */
export function whenWill(time: number, now: number, language: string): string {
  const ms = Math.max(MINUTE, time - now)
  const grain = ms < HOUR ? MINUTE : ms < DAY ? HOUR : DAY
  const whole = Math.round(ms / grain) * grain
  const { unit, ms: one } = unitOf(whole)
  return new Intl.RelativeTimeFormat(language).format(Math.round(whole / one), unit)
}

/** A time in full, for who wants to know exactly. */
export function exactTime(time: number, language: string): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'short' }).format(time)
}

function distance(ms: number, direction: 1 | -1, language: string): string {
  const { unit, ms: one } = unitOf(ms)
  return spoken(direction * Math.floor(ms / one), unit, language)
}

function unitOf(length: number): (typeof units)[number] {
  return units.find(({ below }) => length < below) ?? units[5]
}

function spoken(count: number, unit: Intl.RelativeTimeFormatUnit, language: string): string {
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(count, unit)
}
