import { useEffect, useRef, useState } from 'preact/hooks';
import { asProblem, type Problem } from '../server/problem';
import { session, signIn, signOut } from '../server/session';
import { organizationOf } from '../server/who';
import { Store, useStore } from '../store';
import { ProblemNote } from './problem-note';

/** Whether the dialog is open. */
export const keyDialog = new Store(false);

/** Asks for a key, and shows whose it is. */
export function KeyDialog() {
  const open = useStore(keyDialog);
  const { key, org } = useStore(session);
  const dialog = useRef<HTMLDialogElement>(null);
  const [entered, setEntered] = useState('');
  const [problem, setProblem] = useState<Problem | null>(null);
  const [asking, setAsking] = useState(false);

  useEffect(() => {
    if (open && !dialog.current?.open) dialog.current?.showModal();
    if (!open) dialog.current?.close();
  }, [open]);

  const use = async (event: Event): Promise<void> => {
    event.preventDefault();
    setAsking(true);
    setProblem(null);
    try {
      signIn(entered.trim(), await organizationOf(entered.trim()));
      setEntered('');
      keyDialog.set(false);
    } catch (thrown) {
      setProblem(asProblem(thrown));
    } finally {
      setAsking(false);
    }
  };

  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="key-title" onClose={() => keyDialog.set(false)}>
      <form onSubmit={(event) => void use(event)}>
        <h2 id="key-title">Access key</h2>
        <p>
          {key === null
            ? <>You read the organization <strong>{org}</strong> without a key. A key shows its own organization.</>
            : <>You act with a key of the organization <strong>{org}</strong>. Another key switches to its own.</>}
        </p>
        <label class="field">
          <span>Key</span>
          <input type="password" autocomplete="off" spellcheck={false} required minLength={8} value={entered}
            onInput={(event) => setEntered(event.currentTarget.value)} />
        </label>
        <p class="quiet">Kept in this tab only; closing the tab forgets it. An administrator makes one with:</p>
        <pre class="inline-command"><code>dotnet run --project src/Cli -- key create --role viewer</code></pre>
        {problem && <ProblemNote problem={problem} />}
        <div class="dialog-actions">
          {key !== null && (
            <button type="button" class="button" onClick={() => { signOut(); keyDialog.set(false); }}>
              Forget this key
            </button>
          )}
          <span class="spacer" />
          <button type="button" class="button" onClick={() => keyDialog.set(false)}>Cancel</button>
          <button type="submit" class="button primary" disabled={asking}>Use this key</button>
        </div>
      </form>
    </dialog>
  );
}
