import { useEffect } from 'preact/hooks';
import { chosenItem, chosenProblem, followRoute } from './catalogue/chosen';
import { ItemList } from './catalogue/item-list';
import { ItemPanel } from './catalogue/item-panel';
import { query, search, view } from './catalogue/search';
import { SearchForm } from './catalogue/search-form';
import { isOver } from './jobs/job';
import { JobsPanel } from './jobs/jobs-panel';
import { jobs } from './jobs/live-jobs';
import { startLive } from './live';
import { MapView } from './map/map-view';
import { href, route } from './route';
import { useStore } from './store';
import { Brand } from './ui/brand';
import { KeyDialog } from './ui/key-dialog';
import { LiveState } from './ui/live-state';
import { ProblemNote } from './ui/problem-note';
import { KeyButton, ThemeButton } from './ui/top-buttons';

const typingMs = 250;

/** The whole page. */
export function App() {
  const at = useStore(route);
  const item = useStore(chosenItem);
  const problem = useStore(chosenProblem);
  useEffect(startLive, []);
  useEffect(followRoute, []);
  useEffect(searchWhenAsked, []);
  const showsItem = at.view === 'catalogue' && item !== null;
  return (
    <div class={`page ${showsItem ? 'with-detail' : ''}`}>
      <header class="top">
        <Brand />
        <nav aria-label="Views">
          <a href={href.catalogue} aria-current={at.view === 'catalogue' ? 'page' : undefined}>Catalogue</a>
          <a href={href.jobs} aria-current={at.view === 'jobs' ? 'page' : undefined}>Jobs<ActiveJobs /></a>
        </nav>
        <span class="spacer" />
        <LiveState />
        <KeyButton />
        <ThemeButton />
      </header>
      <main class="panel side" aria-label={at.view === 'jobs' ? 'Jobs' : 'Catalogue'}>
        {at.view === 'jobs' ? <JobsPanel /> : (
          <>
            <SearchForm />
            {problem && <ProblemNote problem={problem} />}
            <ItemList />
          </>
        )}
      </main>
      <MapView />
      {showsItem && <ItemPanel item={item} />}
      <KeyDialog />
    </div>
  );
}

function ActiveJobs() {
  const active = useStore(jobs).list.filter((job) => !isOver(job.status)).length;
  return active === 0 ? null : <span class="count" aria-label={`${active} active`}>{active}</span>;
}

// What is typed waits for a pause; what the map shows matters only when the search is bound to it.
function searchWhenAsked(): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const soon = (): void => {
    if (timer) clearTimeout(timer);
    timer = setTimeout(() => void search(), typingMs);
  };
  const forgetQuery = query.watch(soon);
  const forgetView = view.watch(() => {
    if (query.value.inView) soon();
  });
  return () => {
    forgetQuery();
    forgetView();
  };
}
