import { useEffect, useState } from 'preact/hooks';
import { connection } from '../live';
import { useStore } from '../store';
import type { Connection } from '../server/event-stream';

const tickMs = 1_000;

/** Whether what is shown is live. */
export function LiveState() {
  const current = useStore(connection);
  const [, tick] = useState(0);
  useEffect(() => {
    if (current.state !== 'waiting') return undefined;
    const timer = setInterval(() => tick((n) => n + 1), tickMs);
    return () => clearInterval(timer);
  }, [current]);
  return (
    <span class={`live is-${current.state}`} role="status" title={titleOf(current)} data-testid="live-state">
      <span class="dot" aria-hidden="true" />{wordsOf(current)}
    </span>
  );
}

function wordsOf(current: Connection): string {
  switch (current.state) {
    case 'live': return 'Live';
    case 'connecting': return 'Connecting…';
    case 'refused': return 'Key needed';
    case 'waiting': return `Reconnecting in ${Math.max(0, Math.ceil((current.until - Date.now()) / 1000))} s`;
  }
}

function titleOf(current: Connection): string {
  return current.state === 'waiting' || current.state === 'refused'
    ? current.problem.message
    : 'Jobs and items show up here as they happen.';
}
