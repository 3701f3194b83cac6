import type { Problem } from '../server/problem';
import { keyDialog } from './key-dialog';
import { Icon } from './icon';

/** What went wrong and what to do about it. */
export function ProblemNote({ problem, retry }: { problem: Problem; retry?: () => void }) {
  // The server tells programs how to send a key; here there is a button for it.
  const remedy = problem.status === 401 ? 'Enter a key of the organization that you want to see.' : problem.remedy;
  return (
    <div class="note bad" role="alert">
      <Icon name="warning" />
      <div>
        <p><strong>{problem.message}</strong></p>
        {remedy && <p>{remedy}</p>}
        <p class="note-actions">
          {problem.needsKey && (
            <button type="button" class="button" onClick={() => keyDialog.set(true)}>Enter a key</button>
          )}
          {retry && <button type="button" class="button" onClick={retry}>Try again</button>}
          <code class="quiet">{problem.code}</code>
        </p>
      </div>
    </div>
  );
}
