import { duration, when, words } from '../format';
import { href } from '../route';
import { useStore } from '../store';
import { Icon } from '../ui/icon';
import { ProblemNote } from '../ui/problem-note';
import { ProgressBar } from '../ui/progress-bar';
import { actionsOf, percentOf, toneOf, type Job, type JobError, type Stage } from './job';
import { act, open, openJob, openProblem } from './live-jobs';
import { StateBadge } from './state-badge';

/** Everything about one job, while it runs. */
export function JobDetail({ jobId }: { jobId: string }) {
  const current = useStore(openJob);
  const problem = useStore(openProblem);
  const job = current?.job_id === jobId ? current : null;
  return (
    <div class="job-detail" data-testid="job-detail">
      <a class="back" href={href.jobs}><Icon name="back" /> All jobs</a>
      {problem && <ProblemNote problem={problem} retry={() => void open(jobId)} />}
      {job ? <Detail job={job} /> : !problem && <p class="quiet padded" role="status">Reading the job…</p>}
    </div>
  );
}

function Detail({ job }: { job: Job }) {
  return (
    <>
      <header class="job-head">
        <h2>{words(job.job_type)}</h2>
        <StateBadge state={job.status} />
      </header>
      <ProgressBar percent={percentOf(job)}
        label="Progress of the job" tone={toneOf(job.status)} />
      <p class="quiet" role="status">{timing(job)}</p>
      {actionsOf(job.status).length > 0 && (
        <div class="actions">
          {actionsOf(job.status).map((action) => (
            <button key={action} type="button" class="button" onClick={() => void act(job, action)}>
              {capital(action)}
            </button>
          ))}
        </div>
      )}
      {job.error && <ErrorNote error={job.error} />}
      <Stages stages={job.stages ?? []} />
      <dl class="facts">
        <dt>Id</dt><dd class="code">{job.job_id}</dd>
        <dt>Priority</dt><dd>{job.priority}</dd>
        <dt>Submitted</dt><dd>{when(job.created_at)}</dd>
        {job.started_at && <><dt>Started</dt><dd>{when(job.started_at)}</dd></>}
        {job.finished_at && <><dt>Ended</dt><dd>{when(job.finished_at)}</dd></>}
      </dl>
      <Json title="Parameters" value={job.parameters} />
      <Json title="Result" value={job.result} />
    </>
  );
}

function timing(job: Job): string {
  const percent = `${Math.round(percentOf(job))} %`;
  if (job.started_at && job.finished_at)
    return `Took ${duration((Date.parse(job.finished_at) - Date.parse(job.started_at)) / 1000)}`;
  if (job.status === 'queued') return 'Waits for a worker';
  const left = job.estimated_completion ? (Date.parse(job.estimated_completion) - Date.now()) / 1000 : null;
  return left !== null && left > 0 ? `${percent} · about ${duration(left)} left` : percent;
}

function ErrorNote({ error }: { error: JobError }) {
  return (
    <div class="note bad" role="alert">
      <Icon name="warning" />
      <div>
        <p><strong>{error.message}</strong></p>
        {error.remediation && <p>{error.remediation}</p>}
        <p class="quiet">
          <code>{error.code}</code> · {words(error.category.toLowerCase())} ·
          {error.user_fixable ? ' you can fix this' : ' not caused by your input'}
        </p>
      </div>
    </div>
  );
}

function Stages({ stages }: { stages: readonly Stage[] }) {
  if (stages.length === 0) return null;
  return (
    <section>
      <h3>Stages</h3>
      <ol class="stages">
        {stages.map((stage) => (
          <li key={stage.name} class={stage.closed_at ? 'over' : stage.opened_at ? 'now' : ''}>
            <span class="job-line">
              <span class="stage-name">{words(stage.name)}</span>
              <span class="quiet">{tasks(stage)}</span>
            </span>
            <ProgressBar percent={percentOfStage(stage)}
              label={`Stage ${words(stage.name)}`}
              tone={stage.failed > 0 ? 'bad' : stage.closed_at ? 'good' : 'working'} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function percentOfStage({ total, remaining, closed_at }: Stage): number {
  if (total === 0) return closed_at ? 100 : 0;
  return (100 * (total - remaining)) / total;
}

function tasks({ remaining, total, failed, opened_at }: Stage): string {
  if (!opened_at) return 'not begun';
  const counted = `${total - remaining} of ${total} ${total === 1 ? 'task' : 'tasks'}`;
  return failed > 0 ? `${counted}, ${failed} failed` : counted;
}

function Json({ title, value }: { title: string; value: unknown }) {
  if (value === undefined || value === null) return null;
  return (
    <details class="json-block">
      <summary>{title}</summary>
      <pre class="json">{JSON.stringify(value, null, 2)}</pre>
    </details>
  );
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
