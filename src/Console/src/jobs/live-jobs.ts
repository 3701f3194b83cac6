import { asProblem, type Problem } from '../server/problem';
import { address, getJson, onThisOrigin, postJson } from '../server/request';
import type { LoggedEvent } from '../server/event-stream';
import { session } from '../server/session';
import { Store } from '../store';
import { groups, isIn, isOver, type Group, type Job } from './job';

/** The jobs of the organization, newest first. */
export interface Jobs {
  readonly list: readonly Job[];
  readonly next: string | null;
  readonly answered: boolean;
  readonly problem: Problem | null;
}

const pageSize = 50;
// Events come in bursts; each job is read once for a burst, not once for an event.
const burstMs = 150;

export const group = new Store<Group>('all');
export const jobs = new Store<Jobs>({ list: [], next: null, answered: false, problem: null });
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
  const parameters = new URLSearchParams({ limit: String(pageSize) });
  const states = groups[asked.group].states;
  if (states.length > 0) parameters.set('state', states.join(','));
  try {
    const page = await getJson<JobPage>(jobsAddress(`?${parameters}`));
    if (asked.group !== group.value || asked.session !== session.value) return;
    jobs.set({ list: page.jobs, next: nextOf(page), answered: true, problem: null });
  } catch (thrown) {
    jobs.update((before) => ({ ...before, list: [], next: null, answered: true, problem: asProblem(thrown) }));
  }
}

/** Adds the next page of older jobs. */
export async function moreJobs(): Promise<void> {
  const next = jobs.value.next;
  if (!next) return;
  try {
    const page = await getJson<JobPage>(onThisOrigin(next));
    jobs.update((before) => ({ ...before, list: merged(before.list, page.jobs), next: nextOf(page) }));
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
  readonly jobs: readonly Job[];
  readonly links?: readonly { readonly rel: string; readonly href: string }[];
}

function nextOf(page: JobPage): string | null {
  return page.links?.find((link) => link.rel === 'next')?.href ?? null;
}

function advance(jobId: string, percent: number): void {
  const on = (job: Job): Job =>
    job.job_id === jobId && !isOver(job.state) ? { ...job, state: 'processing', progress: { ...job.progress, percent } } : job;
  jobs.update((before) => ({ ...before, list: before.list.map(on) }));
  openJob.update((job) => (job ? on(job) : null));
}

async function refresh(jobId: string, opened: boolean): Promise<void> {
  try {
    const job = await getJson<Job>(jobsAddress(`/${encodeURIComponent(jobId)}`));
    jobs.update((before) => {
      const others = before.list.filter((other) => other.job_id !== jobId);
      return { ...before, list: isIn(group.value, job.state) ? merged(others, [job]) : others };
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
