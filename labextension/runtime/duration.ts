/** How a time reads. Pure; lg_magics/model/duration.py says the same. */

/** `4.2 s`, `3 min 07 s`, `2 h 05 min`; tenths are cut, not rounded. */
export function duration(seconds: number): string {
  const two = (n: number) => String(n).padStart(2, '0');
  const whole = Math.max(0, Math.floor(seconds));
  if (seconds < 0.1) return '<0.1 s';
  if (whole < 60) return `${(Math.floor(seconds * 10) / 10).toFixed(1)} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${two(whole % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}
