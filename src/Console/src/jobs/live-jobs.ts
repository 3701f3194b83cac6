import { asProblem, type Problem } from '../server/problem';
import { address, getJson, postJson } from '../server/request';
import type { LoggedEvent } from '../server/event-stream';
import { session } from '../server/session';
import { Store } from '../store';
import { groups, isIn, isOver, type Group, type Job, type JobState } from './job';

/** The jobs of the organization, newest first. */
export interface Jobs {
  readonly list: readonly Job[];
  /** Where each state's list goes on; empty when all of it is here. */
  readonly next: ReadonlyMap<JobState | '', string>;
  readonly answered: boolean;
  readonly problem: Problem | null;
}

const pageSize = 50;
// The list does not say how far a job is; as many of the active ones are read by themselves.
const mostProgressRead = 20;
// Events come in bursts; each job is read once for a burst, not once for an event.
const burstMs = 150;

export const group = new Store<Group>('all');
export const jobs = new Store<Jobs>({ list: [], next: new Map(), answered: false, problem: null });
/** The job that is open, with its stages; null when none is. */
export const openJob = new Store<Job | null>(null);
export const openProblem = new Store<Problem | null>(null);

/** The address of something under the organization's jobs. */
function jobsAddress(rest = ''): string {
  return address(`api/v1/${encodeURIComponent(session.value.org)}/jobs${rest}`);
}

/** Reads the newest jobs of the chosen group. */
export async function loadJobs(): Promise<void> {
  const asked = { group: group.value, session: session.value };
  const states: readonly JobState[] = groups[asked.group].states;
  try {
    const pages = await Promise.all((states.length === 0 ? [''] as const : states).map((state) => page(state)));
    if (asked.group !== group.value || asked.session !== session.value) return;
    const known = new Map(jobs.value.list.map((job) => [job.job_id, job]));
    const list = merged([], pages.flatMap((read) => read.jobs)).map((job) => ({ ...known.get(job.job_id), ...job }));
    jobs.set({ list, next: nextOf(pages), answered: true, problem: null });
    const active = list.filter((job) => !isOver(job.status)).slice(0, mostProgressRead);
    await Promise.all(active.map((job) => refresh(job.job_id, false)));
  } catch (thrown) {
    jobs.update((before) => ({ ...before, list: [], next: new Map(), answered: true, problem: asProblem(thrown) }));
  }
}

/** Adds the next page of older jobs. */
export async function moreJobs(): Promise<void> {
  try {
    const pages = await Promise.all([...jobs.value.next].map(([state, token]) => page(state, token)));
    const older = pages.flatMap((read) => read.jobs);
    jobs.update((before) => ({ ...before, list: merged(before.list, older), next: nextOf(pages) }));
  } catch (thrown) {
    jobs.update((before) => ({ ...before, problem: asProblem(thrown) }));
  }
}

/** Opens a job, or none. */
export async function open(jobId: string | null): Promise<void> {
  openProblem.set(null);
  if (jobId === null) {
    openJob.set(null);
    return;
  }
  openJob.set(jobs.value.list.find((job) => job.job_id === jobId) ?? null);
  await refresh(jobId, true);
}

/** Pauses, resumes, cancels or retries a job. */
export async function act(job: Job, action: string): Promise<void> {
  openProblem.set(null);
  try {
    await postJson<unknown>(jobsAddress(`/${job.job_id}/${action}`));
    await refresh(job.job_id, true);
  } catch (thrown) {
    openProblem.set(asProblem(thrown));
  }
}

const waiting = new Set<string>();

/** Something happened to a job: its bar moves at once, the rest is read when the burst is over. */
export function onJobEvent(event: LoggedEvent): void {
  const jobId = event.data['job_id'];
  if (typeof jobId !== 'string') return;
  const percent = event.data['percent'];
  if (event.event_type === 'job.progress' && typeof percent === 'number') advance(jobId, percent);
  if (waiting.has(jobId)) return;
  waiting.add(jobId);
  setTimeout(() => {
    waiting.delete(jobId);
    void refresh(jobId, openJob.value?.job_id === jobId);
  }, burstMs);
}

interface JobPage {
  readonly state: JobState | '';
  readonly jobs: readonly Job[];
  readonly next_token: string | null;
}

async function page(state: JobState | '', token?: string): Promise<JobPage> {
  const parameters = new URLSearchParams({ limit: String(pageSize) });
  if (state !== '') parameters.set('status', state);
  if (token !== undefined) parameters.set('token', token);
  return { ...await getJson<Omit<JobPage, 'state'>>(jobsAddress(`?${parameters}`)), state };
}

function nextOf(pages: readonly JobPage[]): ReadonlyMap<JobState | '', string> {
  return new Map(pages.flatMap(({ state, next_token }) => (next_token === null ? [] : [[state, next_token] as const])));
}

function advance(jobId: string, percent: number): void {
  const on = (job: Job): Job =>
    job.job_id === jobId && !isOver(job.status)
      ? { ...job, status: 'processing', progress: { ...job.progress, percent } } : job;
  jobs.update((before) => ({ ...before, list: before.list.map(on) }));
  openJob.update((job) => (job ? on(job) : null));
}

async function refresh(jobId: string, opened: boolean): Promise<void> {
  try {
    const job = await getJson<Job>(jobsAddress(`/${encodeURIComponent(jobId)}`));
    jobs.update((before) => {
      const others = before.list.filter((other) => other.job_id !== jobId);
      return { ...before, list: isIn(group.value, job.status) ? merged(others, [job]) : others };
    });
    if (opened) openJob.set(job);
  } catch (thrown) {
    if (opened) openProblem.set(asProblem(thrown));
  }
}

function merged(some: readonly Job[], others: readonly Job[]): readonly Job[] {
  const byId = new Map([...some, ...others].map((job) => [job.job_id, job]));
  return [...byId.values()].sort((one, other) => other.created_at.localeCompare(one.created_at));
}
