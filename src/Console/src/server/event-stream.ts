import { asProblem, Problem } from './problem';
import { ask } from './request';
import { SseParser } from './sse-parser';

/** How the live connection is doing, in words for a person. */
export type Connection =
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  | { readonly state: 'waiting'; readonly until: number; readonly problem: Problem }
  | { readonly state: 'refused'; readonly problem: Problem };

/** Something that happened, as every reader of the log gets it. */
export interface LoggedEvent {
  readonly event_id: string;
  readonly event_type: string;
  readonly timestamp: string;
  readonly entity_id: string | null;
  readonly data: Record<string, unknown>;
}

/** What a stream tells its owner. */
export interface StreamWatcher {
  readonly connection: (connection: Connection) => void;
  readonly event: (event: LoggedEvent) => void;
  /** Connected afresh: whatever was read before may have missed something. */
  readonly opened: () => void;
}

const firstPauseMs = 1_000;
const longestPauseMs = 30_000;
// The server writes a comment at least every 15 seconds; a silence three times as long is a dead connection.
const longestSilenceMs = 45_000;

/** Follows a stream of events until the signal aborts: it reconnects, resumes and says how it is doing. */
export async function follow(href: string, watcher: StreamWatcher, signal: AbortSignal): Promise<void> {
  let lastId = '';
  let pauseMs = firstPauseMs;
  while (!signal.aborted) {
    watcher.connection({ state: 'connecting' });
    let problem: Problem;
    try {
      for await (const step of read(href, lastId, signal)) {
        if (step === 'opened') {
          pauseMs = firstPauseMs;
          watcher.connection({ state: 'live' });
          watcher.opened();
          continue;
        }
        lastId = step.lastId;
        pauseMs = step.retryMs ?? pauseMs;
        for (const event of step.events) watcher.event(event);
      }
      problem = new Problem(0, 'STREAM_ENDED', 'The server closed the live connection.', null);
    } catch (thrown) {
      problem = asProblem(thrown);
    }
    if (signal.aborted) return;
    // The server no longer has what followed; the lists are read anew when the stream is open again.
    if (problem.status === 410 || problem.code === 'EVENT_POSITION_UNKNOWN') lastId = '';
    if (problem.needsKey) {
      watcher.connection({ state: 'refused', problem });
      return;
    }
    const wait = pauseMs * (0.75 + Math.random() / 2);
    watcher.connection({ state: 'waiting', until: Date.now() + wait, problem });
    await pause(wait, signal);
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  }
}

interface Step {
  readonly lastId: string;
  readonly retryMs: number | null;
  readonly events: readonly LoggedEvent[];
}

/** One connection: 'opened' once, then what comes, until the server or a long silence ends it. */
async function* read(href: string, lastId: string, signal: AbortSignal): AsyncGenerator<'opened' | Step> {
  const silence = new AbortController();
  const either = AbortSignal.any([signal, silence.signal]);
  const headers: Record<string, string> = { Accept: 'text/event-stream' };
  if (lastId !== '') headers['Last-Event-ID'] = lastId;
  let timer = setTimeout(() => silence.abort(), longestSilenceMs);
  try {
    const response = await ask(href, { headers, signal: either, cache: 'no-store' });
    if (!response.body) return;
    yield 'opened';
    const parser = new SseParser(lastId);
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), longestSilenceMs);
      const sent = parser.push(value);
      const refused = sent.find((event) => event.type === 'error');
      const events = sent.filter((event) => event !== refused).map((event) => JSON.parse(event.data) as LoggedEvent);
      // An id may come without an event: the place to resume from, before anything happened.
      yield { lastId: parser.lastId, retryMs: parser.retryMs, events };
      if (refused) throw Problem.ended(refused.data);
    }
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(), milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
