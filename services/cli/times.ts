/** `2026/11/23 15:04:05 +0000 (~ 3m ago)`, in the reader's time zone. @param iso RFC 3339 */
export function timeAgo(iso: string, now: Date): string {
  const time = new Date(iso);
  const seconds = Math.max(0, Math.floor((now.getTime() - time.getTime()) / 1000));
  return `${localTime(time)} (~ ${ago(seconds)} ago)`;
}

function ago(seconds: number): string {
  if (seconds < 60) return `${seconds}s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)}m`;
  if (seconds < 25 * 3_600) return `${Math.floor(seconds / 3_600)}h`;
  return `${Math.floor(seconds / 86_400)}d`;
}

function localTime(time: Date): string {
  const two = (number: number) => String(number).padStart(2, "0");
  const minutes = -time.getTimezoneOffset();
  const zone = `${minutes < 0 ? "-" : "+"}${two(Math.floor(Math.abs(minutes) / 60))}${two(Math.abs(minutes) % 60)}`;
  const date = [time.getFullYear(), two(time.getMonth() + 1), two(time.getDate())].join("/");
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())} ${zone}`;
}
