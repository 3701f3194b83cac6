/** Where a job is in its life, in the server's words. */
export type JobState =
  'queued' | 'processing' | 'paused' | 'completed' | 'completed_with_errors' | 'failed' | 'cancelled';

/** Why a job failed, and what to do about it. */
export interface JobError {
  readonly code: string;
  readonly category: string;
  readonly message: string;
  readonly remediation: string | null;
  readonly user_fixable: boolean;
}

/** One stage of a job and how many of its tasks are done. */
export interface Stage {
  readonly stage: number;
  readonly name: string;
  /** 0 before it is opened. */
  readonly total: number;
  readonly remaining: number;
  readonly failed: number;
  readonly opened_at: string | null;
  readonly closed_at: string | null;
}

/** A job. The list has its first members only; the rest comes when the job is read by itself. */
export interface Job {
  readonly job_id: string;
  readonly job_type: string;
  readonly status: JobState;
  readonly priority: number;
  readonly progress?: { readonly percent: number };
  readonly stages?: readonly Stage[];
  readonly parameters?: unknown;
  readonly result?: unknown;
  readonly error?: JobError | null;
  readonly created_at: string;
  readonly started_at: string | null;
  readonly finished_at: string | null;
  readonly estimated_completion?: string | null;
}

/** The groups of states that a person filters by. */
export const groups = {
  all: { label: 'All', states: [] },
  active: { label: 'Active', states: ['queued', 'processing', 'paused'] },
  completed: { label: 'Completed', states: ['completed'] },
  failed: { label: 'Failed', states: ['failed', 'completed_with_errors'] },
  cancelled: { label: 'Cancelled', states: ['cancelled'] },
} as const satisfies Record<string, { label: string; states: readonly JobState[] }>;

export type Group = keyof typeof groups;

/** True when the job will not change any more unless somebody retries it. */
export function isOver(state: JobState): boolean {
  return !(groups.active.states as readonly JobState[]).includes(state);
}

/** True when the job belongs in the group. */
export function isIn(group: Group, state: JobState): boolean {
  const states: readonly JobState[] = groups[group].states;
  return states.length === 0 || states.includes(state);
}

/** How far the job is, 0 to 100. */
export function percentOf(job: Job): number {
  return job.status === 'completed' ? 100 : job.progress?.percent ?? 0;
}

/** What a state looks like. */
export function toneOf(state: JobState): 'working' | 'good' | 'bad' | 'idle' {
  if (state === 'completed') return 'good';
  if (state === 'failed' || state === 'completed_with_errors') return 'bad';
  return state === 'processing' ? 'working' : 'idle';
}

/** What can be asked of a job in this state. */
export function actionsOf(state: JobState): readonly ('pause' | 'resume' | 'cancel' | 'retry')[] {
  if (state === 'paused') return ['resume', 'cancel'];
  if (!isOver(state)) return ['pause', 'cancel'];
  return state === 'completed' ? [] : ['retry'];
}
