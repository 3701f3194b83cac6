import { loadJobs, onJobEvent } from './jobs/live-jobs';
import { loadCollections, search } from './catalogue/search';
import { follow, type Connection } from './server/event-stream';
import { address } from './server/request';
import { session } from './server/session';
import { Store } from './store';

/** How the live connection to the server's events is doing. */
export const connection = new Store<Connection>({ state: 'connecting' });

// A job may catalogue many items in a row: the search runs when they have come.
const burstMs = 400;
let current: AbortController | null = null;
let pending: ReturnType<typeof setTimeout> | null = null;

/** Follows the events of the organization, and follows anew whenever the key changes. */
export function startLive(): () => void {
  const restart = (): void => {
    current?.abort();
    current = new AbortController();
    const types = 'job.*,item.*,collection.*';
    const stream = address(`api/v1/${encodeURIComponent(session.value.org)}/events?types=${types}`);
    void follow(stream, {
      connection: (state) => connection.set(state),
      // Whatever happened before the stream was open is in the lists.
      opened: () => void loadJobs(),
      event: (event) => {
        if (event.event_type.startsWith('job.')) onJobEvent(event);
        else refreshCatalogue();
      },
    }, current.signal);
    void loadJobs();
    void loadCollections();
    void search();
  };
  restart();
  const forget = session.watch(restart);
  return () => {
    forget();
    current?.abort();
  };
}

function refreshCatalogue(): void {
  if (pending) clearTimeout(pending);
  pending = setTimeout(() => {
    pending = null;
    void loadCollections();
    void search();
  }, burstMs);
}
