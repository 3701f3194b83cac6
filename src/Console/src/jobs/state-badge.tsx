import { words } from '../format';
import { toneOf, type JobState } from './job';

/** A job's state in words and colour. */
export function StateBadge({ state }: { state: JobState }) {
  return <span class={`badge ${toneOf(state)}`}>{words(state)}</span>;
}
