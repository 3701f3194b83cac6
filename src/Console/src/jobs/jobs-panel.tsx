import { useEffect } from 'preact/hooks';
import { ago, words } from '../format';
import { href, route } from '../route';
import { useStore } from '../store';
import { Command } from '../ui/command';
import { EmptyState } from '../ui/empty-state';
import { ProblemNote } from '../ui/problem-note';
import { ProgressBar } from '../ui/progress-bar';
import { groups, isOver, percentOf, toneOf, type Group, type Job } from './job';
import { JobDetail } from './job-detail';
import { group, jobs, loadJobs, moreJobs, open } from './live-jobs';
import { StateBadge } from './state-badge';

/** The jobs, live; or one of them. */
export function JobsPanel() {
  const at = useStore(route);
  const jobId = at.view === 'jobs' ? at.job ?? null : null;
  useEffect(() => void open(jobId), [jobId]);
  return jobId === null ? <JobList /> : <JobDetail jobId={jobId} />;
}

function JobList() {
  const { list, next, answered, problem } = useStore(jobs);
  const chosen = useStore(group);
  const choose = (name: Group): void => {
    group.set(name);
    void loadJobs();
  };
  return (
    <>
      <div class="chips" role="group" aria-label="Show jobs that are">
        {(Object.keys(groups) as Group[]).map((name) => (
          <button key={name} type="button" class="chip-button" aria-pressed={chosen === name}
            onClick={() => choose(name)}>
            {groups[name].label}
          </button>
        ))}
      </div>
      {problem && <ProblemNote problem={problem} retry={() => void loadJobs()} />}
      {!answered && <p class="quiet padded" role="status">Reading the jobs…</p>}
      {answered && !problem && list.length === 0 && <NoJobs all={chosen === 'all'} />}
      <ul class="jobs" aria-label="Jobs, newest first">
        {list.map((job) => <Row key={job.job_id} job={job} />)}
      </ul>
      {next.size > 0 && (
        <div class="padded">
          <button type="button" class="button wide" onClick={() => void moreJobs()}>Show older</button>
        </div>
      )}
    </>
  );
}

function Row({ job }: { job: Job }) {
  return (
    <li>
      <a class="job-row" href={href.job(job.job_id)} data-testid="job-row" data-job={job.job_id}>
        <span class="job-line">
          <span class="job-kind">{words(job.job_type)}</span>
          <StateBadge state={job.status} />
        </span>
        {!isOver(job.status) && (
          <ProgressBar percent={percentOf(job)} tone={toneOf(job.status)}
            label={`Progress of ${words(job.job_type)}`} />
        )}
        <span class="job-line quiet">
          <span class="code">{job.job_id.slice(0, 12)}</span>
          <span>
            {!isOver(job.status) && `${Math.round(percentOf(job))} % · `}
            {ago(job.finished_at ?? job.started_at ?? job.created_at)}
          </span>
        </span>
        {job.error && <span class="job-error">{job.error.message}</span>}
      </a>
    </li>
  );
}

function NoJobs({ all }: { all: boolean }) {
  if (!all) return <EmptyState title="No job is in this state"><p>Choose another above.</p></EmptyState>;
  return (
    <EmptyState title="No jobs yet">
      <p>Submit a small one that only shows how jobs run, and watch it here:</p>
      <Command text={`curl -H "X-API-Key: YOUR-KEY" \\
  --json '{"n": 2000}' \\
  ${location.origin}/api/jobs/submit/hello_world`} />
      <p>Or see real geodata being validated, converted and catalogued:</p>
      <Command text="dotnet run --project src/Waypost -- demo --urls http://127.0.0.1:8090" />
    </EmptyState>
  );
}
