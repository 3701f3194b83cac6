interface Progress {
  /** 0 to 100; null: working, and nobody knows how long. */
  readonly percent: number | null;
  readonly label: string;
  readonly tone?: 'working' | 'good' | 'bad' | 'idle' | undefined;
}

/** How far something is. */
export function ProgressBar({ percent, label, tone = 'working' }: Progress) {
  const whole = percent === null ? null : Math.round(Math.min(100, Math.max(0, percent)));
  const value = whole === null ? {} : { 'aria-valuenow': whole };
  return (
    <div class={`progress ${tone} ${whole === null ? 'unknown' : ''}`} role="progressbar"
      aria-label={label} aria-valuemin={0} aria-valuemax={100} {...value}>
      <span style={{ width: `${whole ?? 30}%` }} />
    </div>
  );
}
