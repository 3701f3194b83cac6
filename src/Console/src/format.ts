const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const steps: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['second', 60], ['minute', 60], ['hour', 24], ['day', 30], ['month', 12], ['year', Infinity],
];

/** "3 minutes ago". */
export function ago(time: string, now: number = Date.now()): string {
  let amount = (Date.parse(time) - now) / 1000;
  if (Number.isNaN(amount)) return '';
  for (const [unit, size] of steps) {
    if (Math.abs(amount) < size) return relative.format(Math.round(amount), unit);
    amount /= size;
  }
  return '';
}

/** "2 min 5 s" of a number of seconds. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** "2024-05-01 08:46 UTC"; midnight is left out. */
export function when(time: string): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return time;
  const iso = date.toISOString();
  const clock = iso.slice(11, 16);
  return clock === '00:00' ? iso.slice(0, 10) : `${iso.slice(0, 10)} ${clock} UTC`;
}

/** "12,345". */
export function count(number: number): string {
  return number.toLocaleString('en');
}

/** "3.4 MB". */
export function size(bytes: number): string {
  let amount = bytes;
  for (const unit of ['B', 'kB', 'MB', 'GB']) {
    if (amount < 1000) return `${amount < 10 && unit !== 'B' ? amount.toFixed(1) : Math.round(amount)} ${unit}`;
    amount /= 1000;
  }
  return `${amount.toFixed(1)} TB`;
}

/** "hello world" of hello_world. */
export function words(name: string): string {
  return name.replaceAll('_', ' ');
}
